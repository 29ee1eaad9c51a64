/** The worker of a pipeline in a browser, bundled into dist/browser/worker.js as one file, since workers have no import maps. */
import { isThreadProbe, serveThreadProbe } from '../runtime/web.js';
import type { Pipeline } from './pipeline.js';
import type { PipelineTask } from './remote-pipeline.js';
import { servePipeline } from './serve-pipeline.js';
import { loadWebPipeline, type WebSettings } from './web-platform.js';

if (isThreadProbe()) serveThreadProbe();
else {
  const take = servePipeline<WebSettings>(
    async (settings, onProgress) => withClosedPictures(await loadWebPipeline(settings, onProgress)),
    (message) => globalThis.postMessage(message),
    () => globalThis.close(),
  );
  globalThis.onmessage = ({ data }: MessageEvent<PipelineTask<WebSettings>>) => void take(data);
}

/** Frees bitmaps and video frames, which are this worker's own copies, as soon as they are no longer needed. */
function withClosedPictures(pipeline: Pipeline): Pipeline {
  return {
    estimate: (picture, name, options, onSeen) =>
      pipeline.estimate(picture, name, options, () => {
        if (typeof picture === 'object' && 'close' in picture) (picture.close as () => void)();
        onSeen();
      }),
    dispose: () => pipeline.dispose(),
  };
}
