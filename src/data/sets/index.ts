/** The data sets that can be read, each in the layout in which its authors publish it: descriptions, in plain data. */
import { suggestion } from '../../names/index.js';
import { DataError, type DatasetReader } from '../types.js';
import { adience } from './adience.js';
import { afad } from './afad.js';
import { ageGenderMat } from './age-gender-mat.js';
import { agedb } from './agedb.js';
import { alResnetHdf5 } from './al-resnet-hdf5.js';
import { allAgeFaces } from './all-age-faces.js';
import { appaReal } from './appa-real.js';
import { cacd } from './cacd.js';
import { chalearnLap2015, chalearnLap2016 } from './chalearn-lap.js';
import { csv } from './csv.js';
import { fairface } from './fairface.js';
import { fgNet } from './fg-net.js';
import { folders } from './folders.js';
import { imdb, wiki } from './imdb-wiki.js';
import { morph2 } from './morph2.js';
import { utkface } from './utkface.js';

export const READERS: readonly DatasetReader[] = [
  adience,
  afad,
  ageGenderMat,
  agedb,
  alResnetHdf5,
  allAgeFaces,
  appaReal,
  cacd,
  chalearnLap2015,
  chalearnLap2016,
  csv,
  fairface,
  fgNet,
  folders,
  imdb,
  morph2,
  utkface,
  wiki,
];

/** @throws DataError if there is no such data set; with a suggestion if a name is near. */
export function readerOf(id: string): DatasetReader {
  const reader = READERS.find((candidate) => candidate.id === id);
  if (reader) return reader;
  const ids = READERS.map((candidate) => candidate.id);
  throw new DataError(`'${id}' is not a supported data set${suggestion(id, ids)} (${ids.join(', ')})`, {
    kind: 'missing',
  });
}
