/**
 * Sets another size of pictures for a model than it was trained with:
 *
 *     npx tsx scripts/models/resize.ts MODEL.onnx SIZE
 *
 * Random crops enlarge faces in training, so a network does better on somewhat larger pictures (Touvron et al., Fixing the train-test resolution discrepancy, NeurIPS 2019).
 */
import { METADATA_KEY, readMetadata, withDocument } from '../../src/metadata/index.js';
import { readModelFile, writeModelFile } from '../../src/onnx/file.js';

const [file, text] = process.argv.slice(2);
const size = Number(text);
if (file === undefined || !(Number.isInteger(size) && size > 0)) {
  throw new Error('usage: resize.ts MODEL.onnx SIZE');
}
const model = await readModelFile(file);
readMetadata(model, file);
const document = JSON.parse(model.metadata.get(METADATA_KEY)!);
const [image, ...others] = model.graph.inputs;
const [batch, channels] = image!.type!.shape!;
const resized = { ...image!, type: { ...image!.type!, shape: [batch!, channels!, size, size] } };
const graph = { ...model.graph, inputs: [resized, ...others], valueInfo: new Map() };
const input = { ...document.input, width: size, height: size };
await writeModelFile(file, withDocument({ ...model, graph }, { ...document, input }));
