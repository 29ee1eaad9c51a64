/**
 * The data sets' names and titles, for help and for complaints. A copy of what data/ says, which a test compares: to
 * import that room would take longer than all that help needs.
 */
export const SETS: readonly (readonly [id: string, title: string])[] = [
  ['adience', 'Adience'],
  ['afad', 'AFAD'],
  ['age-gender-mat', 'MATLAB store of age-gender-estimation'],
  ['agedb', 'AgeDB'],
  ['al-resnet-hdf5', 'HDF5 store of AL-ResNet (UTKFace)'],
  ['all-age-faces', 'All-Age-Faces'],
  ['appa-real', 'APPA-REAL'],
  ['cacd', 'CACD (Cross-Age Celebrity Dataset)'],
  ['chalearn-lap-2015', 'ChaLearn LAP 2015'],
  ['chalearn-lap-2016', 'ChaLearn LAP 2016'],
  ['csv', 'CSV file'],
  ['fairface', 'FairFace'],
  ['fg-net', 'FG-NET'],
  ['folders', 'Folders named by age'],
  ['imdb', 'IMDB-WIKI, the half from IMDb'],
  ['morph2', 'MORPH 2'],
  ['utkface', 'UTKFace'],
  ['wiki', 'IMDB-WIKI, the half from Wikipedia'],
];

/** A list for help, a set a line. */
export function setList(): string {
  const widest = Math.max(...SETS.map(([id]) => id.length));
  return SETS.map(([id, title]) => `  ${id.padEnd(widest)}  ${title}`).join('\n');
}
