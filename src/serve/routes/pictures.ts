/** From a request to its pictures' answers: the part that the routes which take pictures share. */
import type { FastifyRequest } from 'fastify';
import { AgewiseError } from '../../errors/index.js';
import type { FaceDetails, FaceOptions } from '../../estimate/node.js';
import { isMultipart, multipartFiles, RequestError } from '../requests/index.js';
import type { PictureAnswer } from '../workers/index.js';
import type { Services } from './route.js';

/** A request's pictures, and whether they came as a list, which is answered by one. */
export interface Pictures {
  readonly pictures: readonly Buffer[];
  readonly several: boolean;
}

/** @throws RequestError where there is none, or there are too many */
export async function picturesOf(
  request: FastifyRequest,
  { settings, metrics }: Services,
): Promise<Pictures> {
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

export type PictureOutcome = PictureAnswer | { readonly error: AgewiseError };

/**
 * What is found of each picture. One that cannot be read costs that one alone.
 * @throws what costs the whole request: the signal's reason, a RefusalError that is no picture's fault, a network's error
 */
export async function estimatePictures(
  request: FastifyRequest,
  { pool, metrics }: Services,
  pictures: readonly Buffer[],
  faces: FaceOptions,
  details: FaceDetails,
): Promise<PictureOutcome[]> {
  const tasks = pictures.map((picture) => ({ picture, faces, details }));
  const all = pool.run(tasks, request.stop.signal).map(async (promise): Promise<PictureOutcome> => {
    try {
      const { answer, waited, worked } = await promise;
      metrics.phase('wait', waited / 1000);
      metrics.phase('work', worked / 1000);
      metrics.found(answer.faces.length);
      request.notes.faces = (request.notes.faces ?? 0) + answer.faces.length;
      return answer;
    } catch (error) {
      const ofPicture = error instanceof AgewiseError && error.kind === 'input';
      if (!ofPicture) {
        // What is left of a request that fails is not worth a process's time.
        request.stop.abort(error);
        throw error;
      }
      return { error };
    }
  });
  return Promise.all(all);
}
