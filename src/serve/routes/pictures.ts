/** From a request to the answers for its pictures: shared by the routes that take pictures. */
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { AgewiseError } from '../../errors/index.js';
import type { Settings } from '../about.js';
import { pictureProblem } from '../problem.js';
import { isMultipart, multipartFiles, RequestError } from '../requests/index.js';
import type { estimateQuery } from '../schemas.js';
import type { AnswerOf, ChildTask, EstimateTask } from '../workers/index.js';
import type { Services } from './route.js';

/** The answer for a picture, or why it cannot be read. */
export type Outcome<Answer> = Answer | { readonly error: AgewiseError };

/**
 * Answers a request whose body is an image or a form with several: one answer, or a list with an error in the place of each
 * image that cannot be read.
 * @param taskOf the task for a picture
 * @param facesOf the number of faces in an answer
 * @throws what `workOn` throws; RequestError if there is no image, or there are too many; the error of a single image
 */
export async function answerPictures<T extends ChildTask>(
  request: FastifyRequest,
  services: Services,
  taskOf: (picture: Buffer) => T,
  facesOf: (answer: AnswerOf<T>) => number,
): Promise<AnswerOf<T> | { readonly images: readonly object[] }> {
  const { pictures, several } = await picturesOf(request, services);
  const outcomes = await workOn(request, services, pictures.map(taskOf), facesOf);
  if (!several) {
    const outcome = outcomes[0]!;
    if ('error' in outcome) throw outcome.error;
    return outcome;
  }
  return {
    images: outcomes.map((outcome, index) => {
      if (!('error' in outcome)) return outcome;
      const error = pictureProblem(outcome.error, index);
      services.metrics.failed(error.code);
      return { error };
    }),
  };
}

async function picturesOf(
  request: FastifyRequest,
  { settings, metrics }: Services,
): Promise<{ readonly pictures: readonly Buffer[]; readonly several: boolean }> {
  const body = request.body as Buffer | undefined;
  const type = request.headers['content-type'];
  if (body === undefined || body.length === 0) {
    throw new RequestError(400, { subject: 'request', expected: 'a body with an image', found: 'none' });
  }
  const several = isMultipart(type);
  const pictures = several ? await multipartFiles(body, type, settings.maxImages) : [body];
  metrics.pictures(pictures.length);
  request.notes.images = pictures.length;
  return { pictures, several };
}

/**
 * Runs tasks in child processes. A failure caused by a picture affects only that picture.
 * @param facesOf the number of faces in an answer, if it has faces
 * @throws errors of the whole request: the signal's reason, a RefusalError not caused by a picture, an error of a network
 */
export async function workOn<T extends ChildTask>(
  request: FastifyRequest,
  { pool, metrics }: Services,
  tasks: readonly T[],
  facesOf?: (answer: AnswerOf<T>) => number,
): Promise<Outcome<AnswerOf<T>>[]> {
  const all = pool.run(tasks, request.stop.signal).map(async (promise): Promise<Outcome<AnswerOf<T>>> => {
    try {
      const { answer, waited, worked } = await promise;
      metrics.phase('wait', waited / 1000);
      metrics.phase('work', worked / 1000);
      if (facesOf !== undefined) {
        const faces = facesOf(answer);
        metrics.found(faces);
        request.notes.faces = (request.notes.faces ?? 0) + faces;
      }
      return answer;
    } catch (error) {
      const ofPicture = error instanceof AgewiseError && error.kind === 'input';
      if (!ofPicture) {
        // The remaining tasks of a failed request would waste time.
        request.stop.abort(error);
        throw error;
      }
      return { error };
    }
  });
  return Promise.all(all);
}

/** @param query the checked parameters of an estimate */
export function estimateTask(
  picture: Uint8Array,
  { distribution = false, atLeast = [], maxFaces, ...rest }: z.output<ReturnType<typeof estimateQuery>>,
  settings: Pick<Settings, 'maxFaces'>,
): EstimateTask {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  const faces = { ...Object.fromEntries(given), maxFaces: maxFaces ?? settings.maxFaces };
  return { do: 'estimate', picture, faces, details: { distribution, atLeast } };
}
