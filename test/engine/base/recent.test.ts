import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRecent, recall, remember } from '../../../engine/base/recent.ts';

it('the few values asked for last are there, and no other', () => {
  const action = fc.record({ key: fc.nat({ max: 9 }), put: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(action), (max, actions) => {
      const recent = createRecent<string>(max);
      /** The newest last. */
      const model = new Map<number, string>();
      actions.forEach(({ key, put }, i) => {
        const known = model.get(key);
        if (put) remember(recent, key, `${i}`);
        else expect(recall(recent, key)).toBe(known);
        if (!put && known === undefined) return;
        model.delete(key);
        model.set(key, put ? `${i}` : (known as string));
        if (model.size > max) model.delete(model.keys().next().value as number);
      });
      for (let key = 0; key < 10; key += 1) {
        expect(recent.values[recent.keys.indexOf(key)]).toBe(model.get(key));
      }
      expect(recent.keys.length).toBe(model.size);
    }),
  );
});
