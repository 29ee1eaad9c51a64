/** `POST /v1/estimate`: one image as the body, or several as parts of a form. */
import type { FastifyInstance } from 'fastify';
import { pictureProblem } from '../problem.js';
import { checkedQuery } from '../requests/index.js';
import { estimateQuery } from '../schemas.js';
import { estimatePictures, picturesOf } from './pictures.js';
import type { Services } from './route.js';

export function addEstimate(app: FastifyInstance, services: Services): void {
  const { settings, metrics } = services;
  const schema = estimateQuery(settings.maxFaces);
  app.post('/v1/estimate', async (request) => {
    const { distribution = false, atLeast = [], maxFaces, ...rest } = checkedQuery(schema, request.query);
    const { pictures, several } = await picturesOf(request, services);
    const given = Object.entries(rest).filter(([, value]) => value !== undefined);
    const faces = { ...Object.fromEntries(given), maxFaces: maxFaces ?? settings.maxFaces };
    const outcomes = await estimatePictures(request, services, pictures, faces, { distribution, atLeast });
    if (!several) {
      const [outcome] = outcomes;
      if ('error' in outcome!) throw outcome.error;
      return outcome;
    }
    return {
      images: outcomes.map((outcome, index) => {
        if (!('error' in outcome)) return outcome;
        const error = pictureProblem(outcome.error, index);
        metrics.failed(error.code);
        return { error };
      }),
    };
  });
}
