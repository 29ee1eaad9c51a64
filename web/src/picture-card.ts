/** A picture with its faces: boxes linked to cards, a verdict, and downloads. */
import { type AgeRule, type ImageEstimate, rgbImage, verifyAge } from './agewise.js';
import { h } from './dom.js';
import { annotated, csv, json, save, stem } from './downloads.js';
import { faceCard } from './face-card.js';
import { hasAge, shortAge, spokenFace } from './face-text.js';
import { text } from './text.js';

/** A box that ends below this share of the height has its age inside. */
const LOW = 0.93;

/** A picture as the page holds it. */
export interface Picture {
  readonly name: string;
  readonly file: Blob;
}

export interface Results {
  readonly estimate: ImageEstimate;
  readonly second?: { readonly model: string; readonly estimate: ImageEstimate } | undefined;
}

export class PictureCard {
  readonly element: HTMLElement;
  private readonly stage = h('div', { class: 'stage' });
  private readonly panel = h('div', { class: 'panel' });
  private readonly url: string;

  constructor(
    readonly picture: Picture,
    onRemove: () => void,
  ) {
    this.url = URL.createObjectURL(picture.file);
    const remove = h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        onclick: onRemove,
        attributes: { 'aria-label': text.removePicture(picture.name) },
      },
      text.remove,
    );
    this.element = h(
      'article',
      { class: 'card picture', attributes: { 'aria-label': text.picture(picture.name) } },
      h('header', {}, h('h3', {}, picture.name), remove),
      h('div', { class: 'body' }, this.stage, this.panel),
    );
    this.wait();
  }

  wait(): void {
    this.element.setAttribute('aria-busy', 'true');
    this.panel.replaceChildren(h('p', { class: 'working' }, text.working));
    if (this.stage.childElementCount === 0) {
      const image = h('img', { src: this.url, alt: '' });
      image.onerror = () => image.remove();
      this.stage.append(image);
    }
  }

  fail(message: string): void {
    this.element.removeAttribute('aria-busy');
    this.element.classList.add('failed');
    this.stage.remove();
    this.panel.replaceChildren(
      h(
        'p',
        { class: 'problem', attributes: { role: 'alert' } },
        h('strong', {}, text.failed(this.picture.name)),
        h('br'),
        message,
      ),
    );
  }

  async show({ estimate, second }: Results, rule: AgeRule | undefined): Promise<void> {
    this.element.removeAttribute('aria-busy');
    const { width, height, faces } = estimate;
    const cards = faces.map((face, i) => {
      const other = second?.estimate.faces[i];
      return faceCard(face, {
        number: i + 1,
        second: second && other && { model: second.model, face: other },
        marks: rule ? [...new Set([rule.age, rule.challenge])] : [],
        atLeast: rule && hasAge(face) ? [[rule.age, face.atLeast(rule.age)]] : [],
      });
    });
    const boxes = faces.map((face, i) => {
      const { box } = face;
      const button = h(
        'button',
        {
          type: 'button',
          class: 'box',
          attributes: { 'aria-label': spokenFace(face, i + 1) },
        },
        h('span', { class: 'plate', attributes: { 'aria-hidden': 'true' } }, shortAge(face)),
      );
      button.classList.toggle('low', box.y + box.height > LOW * height);
      button.style.left = `${(100 * box.x) / width}%`;
      button.style.top = `${(100 * box.y) / height}%`;
      button.style.width = `${(100 * box.width) / width}%`;
      button.style.height = `${(100 * box.height) / height}%`;
      return button;
    });
    boxes.forEach((box, i) => {
      together(box, cards[i]!);
      box.onclick = () => cards[i]!.focus();
    });
    const image = h('img', { src: this.url, alt: text.facesIn(faces.length, this.picture.name) });
    const frame = h('div', { class: 'frame' }, image, ...boxes);
    frame.style.aspectRatio = `${width} / ${height}`;
    frame.style.setProperty('--ratio', String(width / height));
    this.stage.replaceChildren(frame);
    this.panel.replaceChildren(
      ...[
        rule && (await this.verdict(estimate, rule)),
        h('p', { class: 'count' }, text.faces(faces.length)),
        h('ol', { class: 'faces' }, ...cards),
        this.downloads(estimate),
      ].filter((child) => child !== undefined),
    );
  }

  dispose(): void {
    URL.revokeObjectURL(this.url);
    this.element.remove();
  }

  private async verdict({ faces }: ImageEstimate, rule: AgeRule): Promise<HTMLElement> {
    const { verdict, reason } = verifyAge(await this.pixels(), faces, rule);
    return h(
      'div',
      { class: `verdict ${verdict}`, attributes: { role: 'status' } },
      h('strong', {}, text.verdicts[verdict]),
      h('span', {}, `${text.verdictMeanings[verdict]} `, h('small', {}, reason)),
    );
  }

  private async pixels() {
    const bitmap = await createImageBitmap(this.picture.file);
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    return rgbImage(context.getImageData(0, 0, width, height));
  }

  private downloads(estimate: ImageEstimate): HTMLElement {
    const { name, file } = this.picture;
    const button = (label: string, action: () => void) =>
      h('button', { type: 'button', onclick: action }, label);
    const picture = async () => {
      const bitmap = await createImageBitmap(file);
      save(`${stem(name)}-agewise.png`, await annotated(bitmap, estimate.faces));
      bitmap.close();
    };
    return h(
      'div',
      { class: 'downloads', attributes: { role: 'group', 'aria-label': text.download } },
      h('span', { attributes: { 'aria-hidden': 'true' } }, text.download),
      button(text.downloadPicture, () => void picture()),
      button(text.downloadJson, () => save(`${stem(name)}.json`, json(name, estimate))),
      button(text.downloadCsv, () => save(`${stem(name)}.csv`, csv(name, estimate))),
    );
  }
}

/** Marks both while one of them is hovered or focused. */
function together(box: HTMLElement, card: HTMLElement): void {
  for (const one of [box, card]) {
    const mark = (active: boolean) => () => {
      box.classList.toggle('active', active);
      card.classList.toggle('active', active);
    };
    one.addEventListener('pointerenter', mark(true));
    one.addEventListener('pointerleave', mark(false));
    one.addEventListener('focus', mark(true));
    one.addEventListener('blur', mark(false));
  }
}
