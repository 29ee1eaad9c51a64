/** `POST /v1/estimate` and `POST /v1/verify`: one image as the body, or several as parts of a form. */
import type { FastifyInstance } from 'fastify';
import { CHALLENGE_YEARS } from '../../estimate/about.js';
import { checkedQuery, RequestError } from '../requests/index.js';
import { estimateQuery, LEGAL_AGE, verifyQuery } from '../schemas.js';
import { answerPictures, estimateTask } from './pictures.js';
import type { Services } from './route.js';

export function addEstimate(app: FastifyInstance, services: Services): void {
  const { settings } = services;
  const schema = estimateQuery(settings.maxFaces);
  app.post('/v1/estimate', async (request) => {
    const query = checkedQuery(schema, request.query);
    return answerPictures(
      request,
      services,
      (picture) => estimateTask(picture, query, settings),
      ({ faces }) => faces.length,
    );
  });
}

export function addVerify(app: FastifyInstance, services: Services): void {
  const calibrated = services.models.every(({ metadata }) => metadata.calibration !== undefined);
  app.post('/v1/verify', async (request) => {
    const { age = LEGAL_AGE, challenge = age + CHALLENGE_YEARS } = checkedQuery(verifyQuery, request.query);
    if (challenge < age) {
      throw new RequestError(400, {
        subject: 'challenge',
        expected: `an age of at least ${age}, the value of 'age'`,
        found: `${challenge}`,
      });
    }
    const answer = await answerPictures(
      request,
      services,
      (picture) => ({ do: 'verify' as const, picture, rule: { age, challenge } }),
      ({ faces }) => faces,
    );
    return { ...answer, calibrated };
  });
}
