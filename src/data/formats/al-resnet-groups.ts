/** The labels in the HDF5 files of AL-ResNet's notebooks. */
import { CLASS_SETS } from '../../age/index.js';

/** By their numbers. */
export const AL_RESNET_GENDERS = ['male', 'female'] as const;

export const GROUP_SETS = ['groups-14', 'groups-8'] as const;
export type GroupSet = (typeof GROUP_SETS)[number];

/** The number of an age's group, from 1; undefined if it is younger than all of them. The last one has no end. */
export function groupOf(years: number, set: GroupSet): number | undefined {
  const group = CLASS_SETS[set].findLastIndex(({ from }) => years >= from);
  return group < 0 ? undefined : group + 1;
}
