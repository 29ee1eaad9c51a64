/** The split methods by name, with descriptions: plain data, for schemas, help and messages. */
export const SPLIT_METHODS = {
  shares: 'parts of given sizes',
  folds: 'equal parts `fold0`, `fold1`, … for cross-validation',
  people: 'a part for each person, named as the set names them, to leave one person out at a time',
  authors: "the parts defined by the data set's authors",
  'al-resnet': 'the first 80% after a shuffle for training, the rest for testing',
  hash: "by the MD5 of a picture's file name, so that it is the same in every store of the set",
  benchmark: 'one of the five splits of the Facial Age Estimation Benchmark',
  given:
    'a split that the store holds already, however it was made, such as one read from a table (`--from`)',
} as const;

export type SplitMethodName = keyof typeof SPLIT_METHODS;
