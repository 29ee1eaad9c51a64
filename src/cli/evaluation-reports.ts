/** `--html` and `--card` of `agewise evaluate`: pages and model cards, one for each evaluation. */
import { dirname, extname } from 'node:path';
import { pictureThumbnail } from '../data/index.js';
import { ENSEMBLE, type Evaluation, evaluationPage, modelCard, modelCardText } from '../evaluate/index.js';
import { exists, writeWholeFile } from '../files/index.js';
import type { EvaluateFlags } from './evaluate-flags.js';
import { openLabelledData } from './labelled-data.js';
import { UsageError } from './usage.js';

/**
 * Checks output paths before hours of work.
 * @throws UsageError if a folder is not there
 */
export async function checkReportPlaces({ html, card }: Pick<EvaluateFlags, 'html' | 'card'>): Promise<void> {
  for (const [flag, path] of Object.entries({ html, card })) {
    if (path === undefined || (await exists(dirname(path)))) continue;
    throw new UsageError(`--${flag} ${path}: expected a name in a folder that exists, found none`);
  }
}

export async function writeReports(evaluations: readonly Evaluation[], flags: EvaluateFlags): Promise<void> {
  const { html, card } = flags;
  const pictures = html !== undefined && flags.pictures ? await worstPictures(evaluations, flags) : undefined;
  for (const [i, evaluation] of evaluations.entries()) {
    const isEnsemble = evaluation.origin!.models.length > 1;
    const which = evaluations.length === 1 ? undefined : isEnsemble ? ENSEMBLE : `${i + 1}`;
    if (html !== undefined) {
      await writeWholeFile(named(html, which), evaluationPage(evaluation, { ...(pictures && { pictures }) }));
    }
    if (card !== undefined) {
      const made = modelCard(evaluation);
      const isJson = extname(card).toLowerCase() === '.json';
      await writeWholeFile(
        named(card, which),
        isJson ? `${JSON.stringify(made, null, 2)}\n` : modelCardText(made),
      );
    }
  }
}

/** `page.html` and `2` make `page-2.html`. */
function named(path: string, which: string | undefined): string {
  if (which === undefined) return path;
  const ending = extname(path);
  return `${path.slice(0, path.length - ending.length)}-${which}${ending}`;
}

async function worstPictures(
  evaluations: readonly Evaluation[],
  flags: EvaluateFlags,
): Promise<Map<string, string>> {
  const wanted = new Set(evaluations.flatMap(({ worst }) => worst.map(({ file }) => file)));
  const made = new Map<string, string>();
  const data = await openLabelledData(flags.data!, flags);
  try {
    for await (const picture of data.pictures()) {
      if (!wanted.has(picture.file)) continue;
      const address = await pictureThumbnail(await picture.bytes());
      if (address !== undefined) made.set(picture.file, address);
    }
  } finally {
    await data.close();
  }
  return made;
}
