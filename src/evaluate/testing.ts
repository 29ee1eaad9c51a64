/** Evaluations for tests of reports and cards. */
import { type FaceRow, YEARS } from '../metrics/index.js';
import type { Evaluation } from './document.js';
import { evaluatePredictions } from './evaluate-predictions.js';

/** Markup and Markdown that does harm if it is not escaped. */
export const HOSTILE = '</style><script>alert(1)</script>|`*[x](y)"\n# z';

function spread(age: number): Float32Array {
  const years = new Float32Array(YEARS);
  for (const off of [-1, 0, 1]) years[Math.max(0, Math.min(YEARS - 1, age + off))]! += 1 / 3;
  return years;
}

interface Face extends Pick<FaceRow, 'label' | 'gender'> {
  readonly estimate?: number;
  readonly female?: number;
  readonly race?: string;
}

/** An evaluation of some faces, with hostile names. */
export function evaluationOf(faces: readonly Face[]): Evaluation {
  const [found] = evaluatePredictions(
    {
      info: {
        models: [
          {
            name: `model ${HOSTILE}`,
            sha256: 'ab'.repeat(32),
            youngest: 0,
            oldest: 100,
            memberOf: null,
            calibratedOn: null,
            trainedOn: null,
            interval: null,
          },
        ],
        data: {
          path: HOSTILE,
          title: `Faces ${HOSTILE}`,
          set: HOSTILE,
          fingerprint: HOSTILE,
          split: HOSTILE,
          part: HOSTILE,
          rows: HOSTILE,
        },
        cropped: false,
        flip: false,
      },
      faces: faces.map(({ label, gender, estimate, female, race }, i) => ({
        file: `${i} ${HOSTILE}`,
        label,
        gender,
        columns: { race },
        predictions: estimate === undefined ? undefined : [{ years: spread(estimate), female }],
      })),
      leftOut: [],
    },
    { draws: 20, seed: 7 },
  );
  return found!;
}

/** Faces of all ages and both genders, estimated 3 years too old for race a and 9 for race b; the third group is too small to rank. */
export const MANY: readonly Face[] = Array.from({ length: 140 }, (_, i) => {
  const age = 1 + ((i * 13) % 80);
  const race = i < 70 ? 'a' : i < 130 ? 'b' : `c ${HOSTILE}`;
  return {
    label: { age },
    gender: i % 2 === 0 ? 'female' : 'male',
    ...(i % 20 !== 3 && {
      estimate: Math.min(99, age + (race === 'b' ? 9 : 3)),
      female: i % 3 === 0 ? 0.2 : 0.8,
    }),
    race,
  };
});
