import { dataset } from './dataset.js';

export const fgNet = dataset({
  id: 'fg-net',
  title: 'FG-NET',
  homepage: 'https://yanweifu.github.io/FG_NET_data/',
  citation:
    'A. Lanitis, C. J. Taylor, T. F. Cootes: Toward Automatic Simulation of Aging Effects on Face Images. TPAMI 2002.',
  terms: 'For research purposes. The rights to the pictures belong to the people who gave them.',
  labels: 'exact age',
  options: {},
  load: () => import('../readers/fg-net.js'),
});
