// The fold of a slice of Redux Toolkit: a record for each end in one object, as its users keep
// entities, and one action an event. immer copies that object, and so all of its keys, each time.

import { createSlice, type PayloadAction } from '@reduxjs/toolkit';
import { type End, move, newEnd } from './plain.ts';
import type { Stimulus } from './stimuli.ts';

export type Ends = { readonly ends: Record<number, End> };

const slice = createSlice({
  name: 'connections',
  initialState: { ends: {} } as Ends,
  reducers: {
    happened(state, { payload }: PayloadAction<Stimulus>) {
      if (payload.end < 0) return;
      let end = state.ends[payload.end];
      if (end === undefined) {
        state.ends[payload.end] = newEnd();
        end = state.ends[payload.end] as End;
      }
      move(end, payload);
      if (end.state === 'CLOSED') delete state.ends[payload.end];
    },
  },
});

export function reduxStep(state: Ends, stimulus: Stimulus): Ends {
  return slice.reducer(state, slice.actions.happened(stimulus));
}
