/**
 * A recorded host sent a segment: it is compared with what our TCP would send, and our TCP follows.
 */
import type { HostEdit } from '../host/edit.ts';
import type { ObserveEvent } from '../log/event.ts';
import type { World } from './world.ts';

export function observe(w: World, h: HostEdit, event: ObserveEvent): void {
  void w;
  void h;
  void event;
}
