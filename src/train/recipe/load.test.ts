import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { RecipeError } from './error.js';
import { checkRecipe, loadRecipe, readRecipe, recipeText } from './load.js';
import type { RecipeDocument } from './schema.js';

const SMALL: RecipeDocument = {
  name: 'small',
  title: 'Small',
  source: 'here',
  reports: 'nothing',
  network: { name: 'lenet-5' },
  heads: { age: {} },
  batch: 8,
  stages: [{ name: 'only', epochs: 1, rate: 0.1, optimizer: { kind: 'sgd' } }],
};
const TEXT = JSON.stringify(SMALL);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-recipes-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('loadRecipe', () => {
  it('takes the name of a recipe that ships', async () => {
    expect(await loadRecipe('lenet-groups-14')).toMatchObject({
      network: { name: 'lenet-5' },
      monitor: 'accuracy',
    });
  });

  it.each(['.yaml', '.yml', '.json'])('takes the path of a %s file', async (extension) => {
    const file = join(folder, `mine${extension}`);
    await writeFile(file, TEXT);
    expect((await loadRecipe(file)).name).toBe('small');
  });

  it('puts defaults if nothing is said, and what is said in their place', async () => {
    const recipe = readRecipe(TEXT, 'small.json');
    expect(recipe).toMatchObject({
      seed: 0,
      augment: false,
      input: { crop: 'square', alignment: 'none' },
      heads: { age: { spread: 0 } },
    });
    expect(recipe.stages[0]!.optimizer).toEqual({
      kind: 'sgd',
      momentum: 0,
      nesterov: false,
      weightDecay: 0,
    });
  });

  it.each([
    ['lenet', /lenet: expected a \.yaml.*the name of a shipped recipe; did you mean 'deep-age-lenet'\?/],
    [
      'alexnet-groups-41.yaml',
      /alexnet-groups-41\.yaml: no such file; did you mean 'alexnet-groups-14', a shipped recipe\?/,
    ],
    ['recipe.txt', /recipe\.txt: expected a \.yaml, \.yml or \.json file/],
    [tmpdir(), /expected a \.yaml/],
  ])('reports what is there instead of %s', async (name, message) => {
    await expect(loadRecipe(name)).rejects.toThrow(message);
  });

  it('reports that a file cannot be read', async () => {
    const file = join(folder, 'folder.yaml');
    await mkdir(file);
    const refused = loadRecipe(file);
    await expect(refused).rejects.toThrow(`${file}: it cannot be read: it is a folder`);
    await expect(refused).rejects.toBeInstanceOf(RecipeError);
    await expect(loadRecipe(join(folder, 'x', 'y.yaml'))).rejects.toThrow(/y\.yaml: no such file/);
  });
});

describe('overrides', () => {
  const read = (...set: string[]) => readRecipe(TEXT, 'small.json', { set });

  it('set values by their paths, in YAML', () => {
    const recipe = read('stages.0.epochs=7', 'input.size=[32, 48]', 'data.split.name=authors', 'title=a=b');
    expect(recipe.stages[0]!.epochs).toBe(7);
    expect(recipe.input.size).toEqual([32, 48]);
    expect(recipe.data.split).toEqual({ name: 'authors' });
    expect(recipe.title).toBe('a=b');
  });

  it('come one after another', () => {
    expect(read('augment={}', 'augment.flip.probability=0', 'seed=1', 'seed=2')).toMatchObject({
      seed: 2,
      augment: { flip: { probability: 0 } },
    });
  });

  it('append to a list', () => {
    const recipe = read('stages.1={name: more, epochs: 2, rate: 1.0e-3, optimizer: {kind: adam}}');
    expect(recipe.stages.map(({ name }) => name)).toEqual(['only', 'more']);
  });

  it('leave the document unchanged', () => {
    const before = JSON.stringify(parse(TEXT));
    read('stages.0.epochs=7');
    expect(JSON.stringify(parse(TEXT))).toBe(before);
  });

  it.each([
    ['seed', '--set seed: expected KEY=VALUE such as stages.0.epochs=2'],
    ['=3', '--set =3: expected KEY=VALUE such as stages.0.epochs=2'],
    ['a..b=3', '--set a..b=3: expected KEY=VALUE such as stages.0.epochs=2'],
    [
      'stages.2.rate=1',
      "--set stages.2.rate=1: expected an entry of stages by its number, 0 to 1, found '2'",
    ],
    [
      'stages.first.rate=1',
      "--set stages.first.rate=1: expected an entry of stages by its number, 0 to 1, found 'first'",
    ],
    ['batch.size=3', '--set batch.size=3: expected a mapping or a list at batch, found 8'],
    ['seed=[1', /^--set seed=\[1: line 1, column 3: /],
    [
      'stages.0.rate=fast',
      "--set stages.0.rate=fast: stages.0.rate: expected a number above 0 and below 1000, found 'fast'",
    ],
    ['network.nam.x=3', "--set network.nam.x=3: network: unknown key 'nam'; did you mean 'name'?"],
    ['__proto__.x=1', /^--set __proto__\.x=1: unknown key '__proto__'/],
  ])('refuse %s', (set, message) => {
    expect(() => read(set)).toThrow(message);
  });
});

describe('a recipe that is wrong', () => {
  const wrong = (change: object) => () => checkRecipe({ ...SMALL, ...change }, 'f.yaml');
  const stage = SMALL.stages[0]!;
  const inStage = (change: object) => ({ stages: [{ ...stage, ...change }] });

  it.each([
    ['a misspelt key', { bacth: 3 }, "f.yaml: unknown key 'bacth'; did you mean 'batch'?"],
    [
      'another spelling',
      { micro_batches: 3 },
      "f.yaml: unknown key 'micro_batches'; did you mean 'microBatches'?",
    ],
    ['a longer name', { batch_size: 3 }, "f.yaml: unknown key 'batch_size'; did you mean 'batch'?"],
    [
      'a key of another place',
      { epochs: 3 },
      "f.yaml: unknown key 'epochs'; it belongs at 'stages.N.epochs'",
    ],
    [
      'a key of another name elsewhere',
      { learning_rate: 3 },
      "f.yaml: unknown key 'learning_rate'; it belongs at 'stages.N.rate'",
    ],
    [
      'a key of the top',
      inStage({ seed: 3 }),
      "f.yaml: stages.0: unknown key 'seed'; it belongs at the top level: 'seed'",
    ],
    [
      'a key like no other',
      { input: { xyz: 1 } },
      "f.yaml: input: unknown key 'xyz'; expected 'size', 'color', 'mean', 'scale', 'normalize', 'margin', 'offset', 'crop', 'alignment'",
    ],
    [
      'a misspelt key that is required',
      { batch: undefined, bach: 3 },
      "f.yaml: unknown key 'bach'; did you mean 'batch'?",
    ],
    [
      'a misspelt key in a union',
      { augment: { flp: {} } },
      "f.yaml: augment: unknown key 'flp'; did you mean 'flip'?",
    ],
    [
      'a key of another kind',
      inStage({ optimizer: { kind: 'adam', momentum: 0.9 } }),
      "f.yaml: stages.0.optimizer: unknown key 'momentum'; it belongs at 'stages.N.optimizer.momentum' with kind: sgd",
    ],
    [
      'Nesterov without a momentum',
      inStage({ optimizer: { kind: 'sgd', nesterov: true } }),
      'f.yaml: stages.0.optimizer.momentum: expected a number above 0, which nesterov needs, found nothing',
    ],
    [
      'a misspelt key of one kind',
      inStage({ optimizer: { kind: 'adam', beta3: 0.9 } }),
      "f.yaml: stages.0.optimizer: unknown key 'beta3'; did you mean 'beta1'?",
    ],
    [
      'no value',
      { batch: undefined },
      'f.yaml: batch: expected a whole number from 1 to 4096, found nothing',
    ],
    [
      'a wrong type',
      inStage({ rate: 'fast' }),
      "f.yaml: stages.0.rate: expected a number above 0 and below 1000, found 'fast'",
    ],
    ['a wrong number', { batch: 0.5 }, 'f.yaml: batch: expected a whole number from 1 to 4096, found 0.5'],
    [
      'a wrong choice',
      { monitor: 'mea' },
      "f.yaml: monitor: expected 'mae', 'exactMae', 'loss', 'accuracy' or 'gender', found 'mea'; did you mean 'mae'?",
    ],
    [
      'a wrong kind',
      inStage({ optimizer: { kind: 'adma' } }),
      "f.yaml: stages.0.optimizer.kind: expected 'sgd', 'adam' or 'adamw', found 'adma'; did you mean 'adam'?",
    ],
    [
      'a wrong type in a union',
      { augment: true },
      'f.yaml: augment: expected false, or a mapping, found true',
    ],
    [
      'a wrong type within a union',
      { augment: { flip: 3 } },
      'f.yaml: augment.flip: expected a mapping, found 3',
    ],
    ['a scalar for a list', { stages: 3 }, 'f.yaml: stages: expected a list of mappings, 1 or more, found 3'],
    [
      'a list that is too long',
      { input: { size: [9, 9, 9] } },
      'f.yaml: input.size: expected a whole number from 8 to 4096, or a list of 2 whole numbers, found [9,9,9]',
    ],
    [
      'two ways to a network',
      { network: { name: 'lenet-5', backbone: 'x.onnx' } },
      /^f\.yaml: network: expected either a name or a backbone, found \{"name"/,
    ],
    [
      'an unknown network',
      { network: { name: 'alexnett' } },
      /^f\.yaml: network\.name: 'alexnett' is not a network; did you mean 'alexnet'\?/,
    ],
    [
      'shares that are too many',
      { data: { split: { name: 'shares', shares: { a: 0.9, b: 0.9 }, stratify: true } } },
      'f.yaml: data.split.shares: expected shares that sum to 1, found {"a":0.9,"b":0.9}',
    ],
    [
      'one part to learn from and to choose by',
      { data: { validation: 'train' } },
      'f.yaml: data.validation: expected another part than those of data.train',
    ],
    [
      'parts to learn from, one of which chooses weights by default',
      { data: { train: ['train', 'validation'] } },
      'f.yaml: data.validation: expected another part than those of data.train',
    ],
    [
      'a head without any loss',
      { heads: { age: { losses: { crossEntropy: 0, mean: 0 } } } },
      'f.yaml: heads.age.losses: expected a loss other than variance with a factor above 0, found {"crossEntropy":0,"mean":0}',
    ],
    [
      'a head whose only loss knows no label',
      { heads: { age: { losses: { variance: 1 } } } },
      'f.yaml: heads.age.losses: expected a loss other than variance with a factor above 0, found {"variance":1}',
    ],
    [
      'a head for gender without its loss',
      { heads: { gender: { factor: 0 } } },
      'f.yaml: heads.gender.factor: expected a number above 0 and below 1000000, found 0',
    ],
    [
      'a name that is no word',
      { data: { split: { name: 'shares', shares: { 'a b': 0.5, c: 0.5 }, stratify: true } } },
      "f.yaml: data.split.shares: expected names that match ^[\\w-]+$, found 'a b'",
    ],
    [
      'classes that overlap',
      {
        heads: {
          age: {
            classes: [
              [0, 10],
              [5, 20],
            ],
          },
        },
      },
      'f.yaml: heads.age.classes: age class 5..20 does not come after 0..10',
    ],
    ['two stages of one name', { stages: [stage, stage] }, 'f.yaml: stages: two stages have the same name'],
    ['no heads', { heads: {} }, 'f.yaml: heads: expected one head or two, found {}'],
  ])('is refused in one sentence: %s', (_, change, message) => {
    expect(wrong(change)).toThrow(message);
  });

  it.each([
    ['a: 1\na: 2\n', "f.yaml: line 2, column 1: expected each key once, found 'a' again"],
    ['a:\n\tb: 1\n', 'f.yaml: line 2, column 1: Tabs are not allowed as indentation'],
    ['a: 1\n---\nb: 2\n', 'f.yaml: line 2, column 1: expected one document, found several'],
    ['a: !!thing 3\n', /^f\.yaml: line 1, column 4: Unresolved tag/],
    ['a: *b\n', /^f\.yaml: Unresolved alias/],
    [
      'data:\n  split: {name:hash}\n',
      "f.yaml: line 2, column 11: expected a space after the colon ('name: hash'), found 'name:hash'",
    ],
    ['', 'f.yaml: expected a mapping, found nothing'],
    ['just text', "f.yaml: expected a mapping, found 'just text'"],
  ])('is refused as YAML: %j', (text, message) => {
    expect(() => readRecipe(text, 'f.yaml')).toThrow(message);
  });
});

describe('null on the command line', () => {
  const two = { ...SMALL, stages: [{ ...SMALL.stages[0]!, name: 'first', patience: 3 }, SMALL.stages[0]!] };
  const read = (...set: string[]) => readRecipe(JSON.stringify(two), 'two.json', { set });

  it('leaves a stage out, and the others keep their numbers', () => {
    const { stages } = read('stages.0=null', 'stages.1.epochs=7');
    expect(stages).toMatchObject([{ name: 'only', epochs: 7 }]);
  });

  it('leaves a field out', () => {
    expect(read('stages.0.patience=null').stages[0]).not.toHaveProperty('patience');
  });

  it('cannot leave out what a recipe needs', () => {
    expect(() => read('stages.0=null', 'stages.1=null')).toThrow(
      'stages: expected a list of mappings, 1 or more',
    );
    expect(() => read('batch=null')).toThrow(
      '--set batch=null: batch: expected a whole number from 1 to 4096',
    );
  });

  it('leaves out what other kinds have, and what is not there', () => {
    const adam = read(
      'stages.0.optimizer={ kind: adam }',
      'stages.0.optimizer.momentum=null',
      'augment=null',
    );
    expect(adam.stages[0]!.optimizer.kind).toBe('adam');
  });

  it.each([
    ['stages.2=null', "--set stages.2=null: expected an entry of stages by its number, 0 to 1, found '2'"],
    ['network.nam=null', "--set network.nam=null: network: unknown key 'nam'; did you mean 'name'?"],
    ['stages.0.patient=null', "--set stages.0.patient=null: stages.0: unknown key 'patient'"],
  ])('is refused where there is nothing: %s', (set, message) => {
    expect(() => read(set)).toThrow(message);
  });
});

describe('the parts that are learnt from', () => {
  const parts = (train: unknown, validation = 'fold0') =>
    readRecipe(JSON.stringify({ ...SMALL, data: { train, validation } }), 'f.yaml').data.train;

  it('are one, several, or all but some', () => {
    for (const train of ['fold1', ['fold1', 'fold2'], { except: 'fold3' }, { except: ['fold3', 'fold4'] }]) {
      expect(parts(train)).toEqual(train);
    }
  });

  it('may be named by numbers, as people are, with their zeros', () => {
    const set = ['data.split={name: people}', 'data.train.except=[001, 12]', 'data.validation=02'];
    expect(readRecipe(TEXT, 'small.json', { set }).data).toMatchObject({
      train: { except: ['001', '12'] },
      validation: '02',
    });
    expect(readRecipe(TEXT, 'small.json', { set: ['data.train=7'] }).data.train).toBe('7');
    expect(() => readRecipe(TEXT, 'small.json', { set: ['data.validation=true'] })).toThrow(
      'data.validation: expected text, found true',
    );
  });

  it('of folds are balanced unless a recipe says otherwise', () => {
    const set = ['data.split={name: folds, folds: 5}'];
    expect(readRecipe(TEXT, 'small.json', { set }).data.split).toEqual({
      name: 'folds',
      folds: 5,
      stratify: true,
    });
  });

  it('are without the one that chooses among weights, and no part is there twice', () => {
    expect(() => parts(['fold0', 'fold1'])).toThrow('data.validation: expected another part');
    expect(() => parts(['fold1', 'fold1'])).toThrow('data.train: one part is named twice');
    expect(() => parts([])).toThrow(
      'f.yaml: data.train: expected text, or a list of texts, 1 or more, or a mapping',
    );
  });
});

describe('recipeText', () => {
  it('is what the file says, comments and all', async () => {
    const file = join(import.meta.dirname, '../../../recipes/lenet-groups-14.yaml');
    expect(await recipeText('lenet-groups-14')).toBe(await readFile(file, 'utf8'));
  });
});
