/**
 * The style of pages, light and dark, on screen and in print. Colours are variables that drawings refer to by class, so
 * that one drawing serves both themes. The eight series colours are distinguishable in both, also with colour blindness
 * (after Okabe and Ito, Color Universal Design, 2008; darker on light, lighter on dark).
 */
import { trusted } from './html.js';

const SERIES = 8;

const LIGHT = `
  --page:#f7f7f5; --card:#fff; --text:#1b1d21; --quiet:#5d6470; --line:#dcdfe4; --grid:#eceef1; --accent:#1f5fbf;
  --hover:rgb(31 95 191/.07); --warn:#b3460e;
  --c0:#2867b8; --c1:#d9702b; --c2:#1f8a70; --c3:#9a5bb5; --c4:#c03d56; --c5:#8a7a12; --c6:#4aa3c9; --c7:#7b8290;`;

const DARK = `
  --page:#14161a; --card:#1c1f25; --text:#e7e9ed; --quiet:#9ba3b0; --line:#343943; --grid:#282c34; --accent:#7db0ff;
  --hover:rgb(125 176 255/.10); --warn:#f0a36b;
  --c0:#6fa5f0; --c1:#f0a05a; --c2:#4fc3a1; --c3:#c792e0; --c4:#f07f92; --c5:#cdbb4d; --c6:#7cccea; --c7:#a3aab8;`;

/** Dashes distinguish lines without colour: lengths of dashes and gaps, in pixels. */
const DASHES = [[], [9, 4], [2, 4], [12, 3, 2, 3], [5, 3], [16, 5], [8, 3, 2, 3, 2, 3], [1, 6]] as const;

/** The same dashes for a legend's sample, as a striped gradient. */
function stripes(dashes: readonly number[]): string {
  let at = 0;
  const stops = dashes.map((length, i) => {
    const from = at;
    at += length;
    return `${i % 2 === 0 ? 'var(--own)' : 'transparent'} ${from}px ${at}px`;
  });
  return `repeating-linear-gradient(90deg,${stops.join(',')})`;
}

const dashes = DASHES.map((lengths, i) =>
  lengths.length === 0
    ? ''
    : `svg .line.c${i}{stroke-linecap:butt;stroke-dasharray:${lengths.join(' ')}}.lines .c${i}::before{background:${stripes(lengths)}}`,
).join('');

const classes = Array.from(
  { length: SERIES },
  (_, i) => `.c${i}{fill:var(--c${i});stroke:var(--c${i});--own:var(--c${i})}`,
).join('');

export const STYLE = trusted(`
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
@media print{:root{color-scheme:light;${LIGHT}}section{border:0;padding:0}figure{break-inside:avoid}nav{display:none}details::details-content{content-visibility:visible}.scroll{overflow:visible}.scroll table{font-size:.68rem}.scroll th,.scroll td{padding:.2rem .3rem}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:1rem}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header,main,footer{max-width:72rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.5rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 .35rem;letter-spacing:-.01em}
h2{font-size:1.3rem;line-height:1.3;margin:0 0 .75rem}
h3{font-size:1rem;margin:1.25rem 0 .5rem}
h1,h2,h3,p,dd,figcaption{overflow-wrap:anywhere}
p{margin:.4rem 0 .8rem;max-width:46rem}
header p,small,.quiet{color:var(--quiet)}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
nav{margin:1rem 0 0}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;list-style:none;margin:0;padding:0}
nav a{text-decoration:none}nav a:hover{text-decoration:underline}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.25rem 1.4rem 1.4rem;margin:1.25rem 0}
footer{color:var(--quiet);font-size:.85rem;padding-bottom:2.5rem}
figure{margin:1rem 0 0}
figure+figure{margin-top:1.75rem}
figcaption{font-weight:600;margin-bottom:.4rem}
figcaption small{display:block;font-weight:400;font-size:.875rem;max-width:46rem}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:0 2rem}
.pair>figure{margin-top:1rem;min-width:0}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.75rem;margin:1.25rem 0 0;padding:0}
.facts div{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.7rem .9rem}
.facts dt{color:var(--quiet);font-size:.85rem}
.facts small{display:block;font-size:.85rem;font-weight:400;line-height:1.3}
.facts dd{margin:0;font-size:1.45rem;font-weight:600;line-height:1.25;font-variant-numeric:tabular-nums}
svg{display:block;max-width:100%;height:auto;font-size:12px;font-variant-numeric:tabular-nums}
svg text{fill:var(--quiet)}
svg .name{fill:var(--text)}
svg .grid{stroke:var(--grid);fill:none}
svg .axis{stroke:var(--line);fill:none}
svg .guide{stroke:var(--quiet);stroke-dasharray:4 4;fill:none}
svg rect,svg circle{stroke:none}svg .cell{fill:var(--c0)}
svg .hit{fill:transparent}svg .column:hover .hit{fill:var(--hover)}
svg .mark{stroke:var(--warn);fill:var(--warn);stroke-linejoin:round}svg .mark.low{fill:var(--card)}
svg .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
svg .band{stroke:none;opacity:.18}
svg .dots{fill:none;stroke-width:4;stroke-linecap:round;opacity:.4}
svg .box{stroke-width:1.5}svg .box path{fill:none}svg .box rect{stroke:var(--own);fill-opacity:.22}svg .box .median{stroke-width:3}
${classes}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;margin:0 0 .4rem;padding:0;font-size:.875rem}
.legend li::before{content:"";display:inline-block;width:.75em;height:.75em;border-radius:3px;margin-right:.45em;background:var(--own)}
.legend.lines li::before{width:2em;height:3px;border-radius:0;vertical-align:middle}
${dashes}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem;min-width:min(100%,24rem)}
th,td{padding:.3rem .7rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid);overflow-wrap:break-word}
thead th{color:var(--quiet);font-weight:600;border-bottom-color:var(--line);white-space:nowrap;vertical-align:bottom}
tbody th{font-weight:500}
.scroll tbody th{position:sticky;left:0;background:var(--card)}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
thead td{border-bottom:0}.group{text-align:center}.word{white-space:nowrap}
tfoot th,tfoot td{border-top:1px solid var(--line);border-bottom:0}
.total{color:var(--quiet)}
.heat th{white-space:nowrap}
.heat td{border:1px solid var(--card);border-radius:4px}
.heat td:not(.total){background:color-mix(in oklab,var(--c0) var(--shade,0%),transparent)}
pre{margin:.75rem 0 0;overflow-x:auto;line-height:1.45;font-size:.9rem}pre code{overflow-wrap:normal}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(5rem,1fr));gap:.5rem;list-style:none;margin:0;padding:0}
.gallery img{display:block;width:100%;aspect-ratio:1;object-fit:cover;border-radius:6px;background:var(--grid)}
.gallery span{display:block;font-size:.75rem;line-height:1.3;color:var(--quiet);margin-top:.15rem;overflow-wrap:anywhere}
.groups{display:flex;flex-wrap:wrap;gap:.75rem}
.groups>ul{display:flex;border:1px solid var(--line);border-radius:10px;padding:.5rem}
.groups li{width:5.5rem}
details{margin-top:1rem}summary{cursor:pointer;font-weight:600}
`);
