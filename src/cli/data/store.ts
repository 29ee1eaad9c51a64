/** What the commands about stores share. */
import { DataError, Store } from '../../data/index.js';
import { UsageError } from '../usage.js';

/** @throws UsageError where the folder is no store */
export async function openStore(folder: string): Promise<Store> {
  try {
    return await Store.open(folder);
  } catch (error) {
    throw error instanceof DataError ? new UsageError(error.message, { cause: error }) : error;
  }
}
