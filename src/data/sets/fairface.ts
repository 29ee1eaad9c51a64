import { dataset } from './dataset.js';

export const fairface = dataset({
  id: 'fairface',
  title: 'FairFace',
  homepage: 'https://github.com/joojs/fairface',
  citation:
    'K. Kärkkäinen, J. Joo: FairFace: Face Attribute Dataset for Balanced Race, Gender, and Age for Bias Measurement and Mitigation. WACV 2021.',
  terms: 'Creative Commons Attribution 4.0 (CC BY 4.0).',
  labels: 'age interval',
  options: {},
  load: () => import('../readers/fairface.js'),
});
