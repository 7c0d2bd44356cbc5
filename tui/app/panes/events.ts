/** The events around the current one, one line each; those still to come are faint. */
import { formatTime } from '../../../engine/index.ts';
import { exactly, line, pad, type Span } from '../term/line.ts';
import { GLYPHS } from '../theme.ts';
import { type Scene, timeWidth, type View } from './pane.ts';

export const events: View = (scene, width, height) => {
  const { ui, data, theme } = scene;
  const current = ui.n - 1;
  const top = Math.max(0, Math.min(current - Math.floor(height / 2), data.length - height));
  const lines: string[] = [];
  if (data.length === 0) lines.push(line(width, [[' the log has no event', theme.faint]]));
  for (let event = top; event < Math.min(data.length, top + height); event += 1) {
    lines.push(eventLine(scene, event, current, width));
  }
  return exactly(lines, width, height);
};

function eventLine(scene: Scene, event: number, current: number, width: number): string {
  const { ui, data, theme } = scene;
  const digits = String(data.length).length;
  const style = event === current ? theme.taken : event < current ? theme.plain : theme.faint;
  const spans: Span[] = [
    event === current ? [GLYPHS.right, theme.cursor] : ' ',
    [pad(String(event + 1), digits, 'right'), theme.faint],
    [` ${pad(formatTime(data.timeline.timeOf(event)), timeWidth(data), 'right')}`, style],
    [`  ${data.text(event, ui.absolute)}`, style],
  ];
  return line(width, spans);
}
