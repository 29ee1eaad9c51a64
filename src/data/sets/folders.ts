import { dataset } from './dataset.js';

export const folders = dataset({
  id: 'folders',
  title: 'Folders named by age',
  homepage: '',
  citation: '',
  terms: '',
  labels: 'as the columns say',
  options: {},
  load: () => import('../readers/folders.js'),
});
