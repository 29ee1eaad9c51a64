/**
 * The data sets' names and titles, for help and for complaints. A copy of what data/ says, which a test compares: to
 * import that room would take longer than all that help needs.
 */
export const SETS: readonly (readonly [id: string, title: string])[] = [
  ['adience', 'Adience'],
  ['afad', 'AFAD'],
  ['agedb', 'AgeDB'],
  ['all-age-faces', 'All-Age-Faces'],
  ['appa-real', 'APPA-REAL'],
  ['chalearn-lap-2015', 'ChaLearn LAP 2015'],
  ['chalearn-lap-2016', 'ChaLearn LAP 2016'],
  ['csv', 'CSV file'],
  ['fairface', 'FairFace'],
  ['fg-net', 'FG-NET'],
  ['folders', 'Folders'],
  ['morph2', 'MORPH 2'],
  ['utkface', 'UTKFace'],
];

/** A list for help, a set a line. */
export function setList(): string {
  const widest = Math.max(...SETS.map(([id]) => id.length));
  return SETS.map(([id, title]) => `  ${id.padEnd(widest)}  ${title}`).join('\n');
}
