import { Signal } from '@lumino/signaling';

import type { PanelModel } from '../model';
import { JobSlot, type Places } from './job-slot';

/** What the parts of one panel have in common. */
export interface IContext {
  model: PanelModel;
  places: Places;
}

/** A part of the panel: it draws what it follows of the model until it is disposed. */
export abstract class Part {
  abstract readonly node: HTMLElement;

  protected readonly model: PanelModel;

  /** Where it shows what it does. */
  protected readonly slot: JobSlot;

  constructor(protected readonly context: IContext) {
    this.model = context.model;
    this.slot = new JobSlot(context.model, context.places);
  }

  dispose(): void {
    this.slot.clear();
    Signal.clearData(this);
  }
}
