import { describe, expect, it } from 'vitest';
import { faceTable } from '../../metrics/index.js';
import { modelCard, modelCardText } from '../card/index.js';
import { evaluateRows } from '../evaluate-rows.js';
import { evaluationOf, MANY } from '../testing.js';
import { evaluationPage } from './page.js';

const sectionsOf = (page: string) => [...page.matchAll(/<h2[^>]*>([^<]*)<\/h2>/g)].map((match) => match[1]);

/** The text of the figure under a caption. */
function figure(page: string, caption: string): string {
  const start = page.indexOf(`<figcaption>${caption}<`);
  expect(start, caption).toBeGreaterThan(-1);
  return page.slice(start, page.indexOf('</figure>', start));
}

const rowsOf = (markup: string) =>
  [...markup.matchAll(/<tr>(.*?)<\/tr>/gs)].map((row) =>
    [...row[1]!.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map((cell) => cell[1]!.replace(/<[^>]*>/g, '')),
  );

describe('the page of an evaluation', () => {
  const evaluation = evaluationOf(MANY);
  const picture = 'data:image/webp;base64,AA';
  const page = evaluationPage(evaluation, { pictures: new Map([[evaluation.worst[0]!.file!, picture]]) });

  it('has all sections, and loads nothing from elsewhere', () => {
    expect(sectionsOf(page)).toEqual([
      'Notes',
      'Figures',
      'Ages',
      'Groups',
      'Age classes',
      'Gender',
      'Calibration',
      'Age checks',
      'The worst 20',
      'Method',
    ]);
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"|url\(([^)]*)\)|@import/g)].map((m) => m[1]);
    expect(addresses.filter((address) => !/^#s\d+$/.test(address!))).toEqual([picture]);
  });

  it('escapes all names', () => {
    expect(page).not.toContain('<script');
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page).not.toContain('NaN');
    expect(page).not.toContain('undefined');
  });

  it('says how intervals were made, and with how many bins of what', () => {
    expect(page).toContain(
      'Intervals hold 95% of 20 bootstrap draws over 140 faces, seed 7; those of 0% and 100% are by Clopper and Pearson.',
    );
    expect(page).toContain('7 of them not found (5.0%)');
    const rows = rowsOf(figure(page, 'All faces that were found'));
    expect(new Set(rows.slice(1).map((row) => row.at(-1)))).toEqual(new Set(['5.0%']));
    expect(rows.map(([name]) => name)).toContain('calibration error of P(≥18), 10 bins');
    expect(figure(page, 'Expected calibration error of P(age ≥ t)')).toContain('over 10 bins');
    expect(figure(page, 'Coverage of intervals')).toContain('Measured on Faces &lt;/style&gt;');
  });

  it('puts the error and its interval above all else', () => {
    const mae = evaluation.all.age.mean!.figures.mae!;
    const [low, high] = [mae.low!.toFixed(2), mae.high!.toFixed(2)];
    expect(page).toContain(
      `<dt>MAE, years</dt><dd>${mae.value!.toFixed(2)}<small>95%: ${low} to ${high}</small></dd>`,
    );
  });

  it('ends the figures of each class with their means', () => {
    const [name] = Object.keys(evaluation.classes);
    const { n, figures } = evaluation.classes[name!]![0]!.figures;
    const rows = rowsOf(figure(page, `Classes ${name}: each class`)).slice(-3);
    const digits = (key: string) => figures[key]!.value!.toFixed(3);
    expect(rows.map((row) => [row[0], row[1], ...row.filter((_, i) => i >= 2 && i % 2 === 0)])).toEqual([
      [
        'mean of classes (macro)',
        `${n}`,
        ...['macroPrecision', 'macroRecall', 'macroF1', 'macroAuc'].map(digits),
      ],
      [
        'mean of faces (weighted)',
        `${n}`,
        ...['weightedPrecision', 'weightedRecall', 'weightedF1'].map(digits),
        '–',
      ],
      ['all together (micro)', `${n}`, ...['accuracy', 'accuracy', 'accuracy', 'microAuc'].map(digits)],
    ]);
    expect(figure(page, `Classes ${name}: ROC, averages`)).toContain(`micro (AUC ${digits('microAuc')})`);
  });

  it('names the worst group among those of 30 faces or more', () => {
    const byRace = figure(page, 'By race');
    expect(byRace).toMatch(/Worst: b, MAE 9\.00 years; best: a, MAE 3\.00 years/);
    const rows = rowsOf(byRace);
    expect(
      rows
        .slice(1)
        .map(([name, faces]) => [name, faces])
        .slice(0, 2),
    ).toEqual([
      ['a', '70'],
      ['b (worst)', '60'],
    ]);
    expect(rows[3]![1]).toBe('10');
  });

  it('has the challenge age along the curve of false positives and negatives', () => {
    const curve = figure(page, 'Check of 18 years');
    const names = [...curve.matchAll(/<text [^>]*>(\d\d)<\/text>/g)].map((match) => match[1]);
    expect(names).toEqual(expect.arrayContaining(['18', '20', '25', '30', '35']));
    const rows = rowsOf(figure(page, 'Rates of age checks'));
    const all = rows.find(([who]) => who === 'all below 18')!;
    const check = evaluation.checks.find(
      (one) => one.column === null && one.threshold === 18 && one.youngest === 0 && one.decoding === 'mean',
    )!;
    expect(all[1]).toBe(String(check.minors));
    expect(all[3]).toBe(`${(100 * check.falseAdultRate.value!).toFixed(1)}%`);
  });

  it('shows the worst faces by their pictures where it has them', () => {
    expect(page.match(/<img /g)).toHaveLength(1);
    expect(evaluationPage(evaluation)).not.toContain('<img ');
    expect(rowsOf(figure(page, 'The largest errors'))).toHaveLength(21);
  });

  it('can be made for a single face, without any face found, and without gender', () => {
    const one = evaluationPage(evaluationOf([{ label: { age: 30 }, estimate: 33 }]));
    expect(one).toContain('The worst face');
    expect(sectionsOf(one)).not.toContain('Gender');
    expect(rowsOf(figure(one, 'By age band'))[0]).not.toContain('gender accuracy');
    expect(one).not.toContain('NaN');
    const none = evaluationPage(evaluationOf([{ label: { age: 30 }, gender: 'male' }]));
    expect(sectionsOf(none)).not.toContain('Ages');
    expect(none).toContain('1 of them not found (100.0%)');
  });

  it('shows the error under each change, and how far views of a face lie apart', () => {
    const around = (value: number) => ({ value, low: value - 0.5, high: value + 0.5 });
    const level = (of: number, mae: number) => ({ level: of, mae: around(mae), change: around(mae - 3) });
    const robustness = {
      faces: 30,
      units: 12,
      plain: around(3),
      curves: [
        { kind: 'margin', levels: [level(0.7, 6), level(1.3, 5)] },
        { kind: 'jpeg', levels: [level(75, 4.25), level(5, 9)] },
        { kind: 'grey', levels: [level(1, 4.5)] },
      ],
      views: { count: 10, deviation: around(0.75), range: around(2), flip: around(0.5) },
    };
    const shown = evaluationPage({ ...evaluation, robustness });
    expect(sectionsOf(shown)).toContain('Robustness');
    expect(shown).toContain('30 faces of 12 people');
    // The usual margin stands between what is less and more, a JPEG of no quality before all others.
    expect(figure(shown, 'Margin')).toMatch(/>0\.7<.*>1<.*>1\.3</s);
    expect(figure(shown, 'JPEG')).toMatch(/>as it is<.*>75<.*>5</s);
    expect(rowsOf(figure(shown, 'Error under changes')).at(-1)).toEqual([
      'Grey',
      '4.50',
      '4.00 to 5.00',
      '+1.50',
      '+1.00 to +2.00',
    ]);
    expect(rowsOf(figure(shown, 'Error under changes'))[2]![0]).toBe('Margin 0.7×');
    const views = rowsOf(figure(shown, 'Views of one face'));
    expect(views[1]).toEqual(['standard deviation', '0.75', '0.25 to 1.25']);
    expect(sectionsOf(page)).not.toContain('Robustness');
    const text = modelCardText(modelCard({ ...evaluation, robustness }));
    expect(text).toContain('MAE in years of 30 of the faces: 3.00 (2.50 to 3.50) without a change.');
    expect(text).toContain('| JPEG | 5 | 9.00 (8.50 to 9.50) |');
  });

  it('can be made from bare rows', () => {
    const rows = [{ gender: 'male', prediction: { female: 0.1 } } as const];
    const bare = evaluationPage(evaluateRows(faceTable(rows), { draws: 5 }));
    expect(sectionsOf(bare)).toEqual(expect.arrayContaining(['Gender', 'Method']));
    expect(sectionsOf(bare)).not.toContain('Age checks');
  });
});
