/** The platform of a thread of Node whose process may exit at any time. */
import type { Session } from '../runtime/index.js';
import { type ExitState, guarded } from '../threads/index.js';
import type { Platform } from './local-pipeline.js';
import { nodePlatform } from './node-platform.js';
import { readyModel } from './node-sessions.js';

/** `nodePlatform` whose networks let the process exit. */
export function guardedPlatform(exit: ExitState): Platform {
  const watched = (session: Session): Session => {
    const run = session.run.bind(session);
    session.run = (...tensors) => guarded(exit, () => run(...tensors));
    return session;
  };
  return {
    ...nodePlatform,
    createSession: async (...parameters) =>
      watched(await guarded(exit, () => nodePlatform.createSession(...parameters))),
    readyModel: async (...parameters) => {
      const ready = await guarded(exit, () => readyModel(...parameters));
      return ready && { ...ready, session: watched(ready.session) };
    },
  };
}
