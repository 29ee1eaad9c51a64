/** A pipeline in the page itself, behind the same protocol as one in a worker, so that it can be a file of its own. */
import type { Line, LineEvents, PipelineTask } from './remote-pipeline.js';
import { servePipeline } from './serve-pipeline.js';
import { loadWebPipeline, type WebSettings } from './web-platform.js';

export function openHere({ onAnswer }: LineEvents): Line {
  let end = () => {};
  const closed = new Promise<void>((resolve) => {
    end = resolve;
  });
  const take = servePipeline<WebSettings>(loadWebPipeline, onAnswer, () => end());
  return {
    post: (task) => void take(task as PipelineTask<WebSettings>),
    pack: (picture) => ({ sent: picture, transfer: [] }),
    hold() {},
    closed: () => closed,
  };
}
