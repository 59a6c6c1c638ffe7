import { Widget } from '@lumino/widgets';

import type { PanelModel } from '../model';
import { ChangesPart } from './changes';
import { el } from './dom';
import { FreezePart } from './freeze';
import { ImagePart } from './image-part';
import { ImagesPart } from './images-part';
import { InsidePart } from './inside';
import { Places } from './job-slot';
import { KernelState } from './kernel-state';
import { OtherJobs } from './other-jobs';
import type { Part } from './part';
import { RoomPart } from './room-part';
import { Tabs } from './tabs';

/** The panel: what images there are, what is inside, and what can be done with them. */
export class PanelWidget extends Widget {
  constructor(model: PanelModel) {
    super();
    this.addClass('jp-FrozenPanel');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Frozen images');
    // A notebook takes keys such as `m` and `d d` from what does not say that it wants them.
    this.node.dataset.lmSuppressShortcuts = 'true';
    const context = { model, places: new Places() };
    this._images = new ImagesPart(context);
    const tabs = new Tabs(context, [
      { id: 'inside', title: 'Inside', draw: () => new InsidePart(context) },
      { id: 'changes', title: 'Changes', draw: () => new ChangesPart(context) },
      { id: 'freeze', title: 'Freeze now', draw: () => new FreezePart(context) },
      { id: 'room', title: 'Room', draw: () => new RoomPart(context) }
    ]);
    this._parts = [
      new KernelState(context),
      this._images,
      new ImagePart(context),
      tabs,
      new OtherJobs(context)
    ];
    for (const type of DRAGS) {
      this.node.addEventListener(type, event => this._drag(event));
    }
    const [kernel, images, image, , others] = this._parts.map(({ node }) => node);
    this.node.append(
      kernel,
      el(
        'div',
        { class: 'jp-FrozenPanel-body' },
        images,
        el('div', { class: 'jp-FrozenPanel-main' }, image, tabs.node)
      ),
      others
    );
  }

  override dispose(): void {
    if (this.isDisposed) return;
    for (const part of this._parts) part.dispose();
    super.dispose();
  }

  /** A file may be dropped anywhere. */
  private _drag(event: DragEvent): void {
    if (!this._images.takesFiles || !event.dataTransfer?.types.includes('Files')) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const isOver =
      event.type === 'dragover' ||
      event.type === 'dragenter' ||
      (event.type === 'dragleave' && this.node.contains(event.relatedTarget as Node));
    this.toggleClass('jp-mod-dropTarget', isOver);
    if (event.type === 'drop') this._images.addFiles([...event.dataTransfer.files]);
  }

  private readonly _images: ImagesPart;
  private readonly _parts: readonly Part[];
}

const DRAGS = ['dragenter', 'dragover', 'dragleave', 'drop'] as const;
