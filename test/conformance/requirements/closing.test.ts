// Closing: RFC 9293 §3.6.
import { describe, expect, it } from 'vitest';
import { Desk, show } from '../desk.ts';

describe('the peer ends the connection', () => {
  it('MUST-12: the application is told whether it was closed or aborted', () => {
    const closed = new Desk().established();
    closed.get({ flags: 'F.' });
    closed.receive(10);
    expect(closed.result).toMatchObject({ value: 0, error: '' });
    const aborted = new Desk().established();
    aborted.get({ flags: 'R', seq: 1 });
    aborted.receive(10);
    expect(aborted.result).toMatchObject({ value: 0, error: 'ECONNRESET' });
  });

  it('MUST-12: text that came before the end is handed over first', () => {
    const desk = new Desk().established();
    desk.get({ flags: 'FP.', len: 7 });
    desk.receive(10);
    expect(desk.result?.value).toBe(7);
    desk.receive(10);
    expect(desk.result).toMatchObject({ value: 0, error: '' });
  });
});

describe('CLOSE', () => {
  it('RFC 9293 §3.6: of the sending side leaves the other open', () => {
    const desk = new Desk().established();
    expect(show(desk.close('write'))).toEqual(['F. 1 ack 1']);
    desk.get({ flags: 'P.', len: 10, ack: 2 });
    desk.receive(10);
    expect(desk.result?.value).toBe(10);
  });

  it('MAY-1: of a socket ends both: nothing can be read any more', () => {
    const desk = new Desk().established();
    desk.close('both');
    expect(desk.tcb()).toMatchObject({ held: false, rcvShut: true });
  });

  it('SHLD-3: with text unread it sends an RST to show that the text was lost', () => {
    const desk = new Desk().established();
    desk.get({ flags: 'P.', len: 10 });
    expect(show(desk.close('both'))).toEqual(['R. 1 ack 11']);
    expect(desk.state()).toBe('CLOSED');
    const fin = new Desk({ knobs: { close_with_unread: 'fin' } }).established();
    fin.get({ flags: 'P.', len: 10 });
    expect(show(fin.close('both'))).toEqual(['F. 1 ack 11']);
  });

  it('SHLD-3: text that comes after it is answered by an RST', () => {
    const desk = new Desk().established();
    desk.close('both');
    const sent = desk.get({ flags: 'P.', len: 10, ack: 2 });
    expect(sent.map(({ flags }) => flags)).toEqual([expect.stringContaining('R')]);
    expect(desk.state()).toBe('CLOSED');
  });
});
