/**
 * Where the authors of data sets offer them: URLs for downloads, or where to request access.
 *
 * No author publishes checksums. Those recorded here come from public repositories of others who downloaded the files;
 * for IMDB-WIKI several of these agree. A file that differs is rejected: if the authors have changed it, `--sha256`
 * overrides the checksum.
 */
import type { OfferedFile } from '../files/index.js';

export interface SourceFile extends OfferedFile {
  /** Its content, in a few words. */
  readonly holds: string;
}

export interface DatasetSource {
  /** Downloaded by default. */
  readonly files: readonly SourceFile[];
  /** Downloaded only if named. */
  readonly more?: readonly SourceFile[];
  /** Where to go for sets that cannot be downloaded by a program. */
  readonly byHand?: string;
}

const IMDB_WIKI = 'https://data.vision.ee.ethz.ch/cvl/rrothe/imdb-wiki/static';

/** In order of their numbers. */
const IMDB_FULL_MD5 = [
  '04fa5f97ea0b3a2c001875fd3403f493',
  '38558992f7b2f7ee9bfebca8df0080c2',
  '4552b93a2bf65dcb42e2b214fcd79d47',
  '8f654d85827f3188a00369426dd70403',
  '2c5fce7af03993c96f0bba8e28a72da2',
  'c26753bd456f71677ba68753b5484c75',
  '5ce6db6f3690670e403891671ab4aa04',
  '843fd7c9a93516e5046d3c40967d2e4f',
  'bbaad2d301a359bbad4da3ddd3dbed7f',
  '8f6159fa59e2a2772f2c352e0e8dd8da',
] as const;

/** The file that a share link of Google Drive leads to. Older files need the link's resource key too. */
function drive(id: string, resourceKey?: string): string {
  const url = new URL('https://drive.usercontent.google.com/download');
  url.search = new URLSearchParams({
    id,
    export: 'download',
    confirm: 't',
    ...(resourceKey && { resourcekey: resourceKey }),
  }).toString();
  return url.href;
}

/** By the data sets' ids. Missing sets are the user's own data. */
export const SOURCES: Readonly<Record<string, DatasetSource>> = {
  imdb: {
    files: [
      {
        name: 'imdb_crop.tar',
        url: `${IMDB_WIKI}/imdb_crop.tar`,
        holds: 'faces with imdb.mat, 7 GB',
        md5: '44b7548f288c14397cb7a7bab35ebe14',
      },
    ],
    more: [
      {
        name: 'imdb_meta.tar',
        url: `${IMDB_WIKI}/imdb_meta.tar`,
        holds: 'imdb.mat alone',
        md5: '469433135f1e961c9f4c0304d0b5db1e',
      },
      ...IMDB_FULL_MD5.map((md5, i) => ({
        name: `imdb_${i}.tar`,
        url: `${IMDB_WIKI}/imdb_${i}.tar`,
        holds: `whole pictures, part ${i + 1} of 10, 27 GB`,
        md5,
      })),
    ],
  },
  wiki: {
    files: [
      {
        name: 'wiki_crop.tar',
        url: `${IMDB_WIKI}/wiki_crop.tar`,
        holds: 'faces with wiki.mat, 1 GB',
        md5: 'f536eb7f5eae229ae8f286184364b42b',
      },
    ],
    more: [
      {
        name: 'wiki.tar.gz',
        url: `${IMDB_WIKI}/wiki.tar.gz`,
        holds: 'whole pictures with wiki.mat, 3 GB',
        md5: '6d4b8474b832f13f7f07cfbd3ed79522',
      },
    ],
  },
  utkface: {
    files: [
      {
        name: 'UTKFace.tar.gz',
        url: drive('0BxYys69jI14kYVM3aVhKS1VhRUk', '0-dabpv_3J0C0cditpiAfhAw'),
        holds: 'aligned and cropped faces, 0.1 GB',
      },
    ],
    byHand: 'The pictures in the wild are behind the links of https://susanqq.github.io/UTKFace/.',
  },
  fairface: {
    files: [
      {
        name: 'fairface-img-margin025-trainval.zip',
        url: drive('1Z1RqRo0_JiavaZw2yzZG6WETdZQ8qX86'),
        holds: 'faces with a margin of 0.25, 0.6 GB',
      },
      {
        name: 'fairface_label_train.csv',
        url: drive('1i1L3Yqwaio7YSOCj7ftgk8ZZchPG7dmH'),
        holds: 'labels for training',
      },
      {
        name: 'fairface_label_val.csv',
        url: drive('1wOdja-ezstMEp81tX1a-EYkFebev4h7D'),
        holds: 'labels for validation',
      },
    ],
    byHand: 'The faces with a margin of 1.25 are behind the links of https://github.com/joojs/fairface.',
  },
  'appa-real': {
    files: [
      {
        name: 'appa-real-release.zip',
        url: 'https://data.chalearnlap.cvc.uab.cat/AppaRealAge/appa-real-release.zip',
        holds: 'pictures, faces and votes, 0.9 GB',
        sha256: 'e1c25af4cd36269f69505ad9419fef639bdc92c8fff90280ebad67805553a307',
      },
    ],
  },
  'fg-net': {
    files: [
      {
        name: 'FGNET.zip',
        url: 'https://yanweifu.github.io/FG_NET_data/FGNET.zip',
        holds: 'pictures and landmarks, as Yanwei Fu keeps them since the project ended',
        md5: '1206978cac3626321b84c22b24cc8d19',
      },
    ],
  },
  'chalearn-lap-2015': {
    files: [],
    byHand:
      'Register with ChaLearn Looking at People: https://chalearnlap.cvc.uab.cat/dataset/18/description/.',
  },
  'chalearn-lap-2016': {
    files: [],
    byHand:
      'Register with ChaLearn Looking at People: https://chalearnlap.cvc.uab.cat/dataset/19/description/.',
  },
  morph2: {
    files: [],
    byHand:
      'The University of North Carolina Wilmington licenses it for a fee: https://uncw.edu/myuncw/research/innovation-commercialization/technology-portfolio/morph.',
  },
  cacd: {
    files: [],
    byHand: 'Pictures and metadata are behind the links of https://bcsiriuschen.github.io/CARC/.',
  },
  agedb: {
    files: [],
    byHand:
      'Ask the authors by mail from an academic address for the archive’s password: https://ibug.doc.ic.ac.uk/resources/agedb/.',
  },
  afad: {
    files: [],
    byHand:
      'The archive is kept in pieces: git clone https://github.com/afad-dataset/tarball and run its restore.sh.',
  },
  'all-age-faces': {
    files: [],
    byHand:
      'The archive is behind the link to Baidu of https://github.com/JingchunCheng/All-Age-Faces-Dataset.',
  },
  adience: {
    files: [],
    byHand:
      'Register for a name and a password: https://talhassner.github.io/home/projects/Adience/Adience-data.html.',
  },
};
