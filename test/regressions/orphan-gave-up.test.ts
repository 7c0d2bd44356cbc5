/**
 * A connection that its application has closed and whose text nobody acknowledges ends by R2 (RFC
 * 9293 §3.8.3). Nobody is left to be told of it, and so an experiment over a link that was cut
 * counted no failure, though most of what was sent had never arrived.
 */
import { expect, it } from 'vitest';
import { experiment, runExperiment } from '../../engine/experiments/experiment.ts';
import { scenario } from '../../engine/simulation/scenario.ts';
import { steps } from '../../engine/simulation/steps.ts';

const { close, connect, listen, receiveEnd, send, serve, wait } = steps;

it.each(['rfc9293', 'linux'])('%s counts an orphan that gave up', (profile) => {
  const spec = experiment({
    name: 'cut',
    about: '',
    vary: { closes: [true, false] },
    build: ({ closes }) =>
      scenario({ title: 'Cut', about: '', profile })
        .host('client')
        .host('server')
        .relink('1s', 'client', 'server', { loss: 1 })
        .app('server', [listen(80), serve([receiveEnd(), close()])])
        .app('client', [
          connect('server', 80),
          wait('2s'),
          send(5000),
          closes ? close() : wait('1h'),
        ]),
    measure: { failures: (run) => JSON.stringify(run.host('client').failures()) },
  });
  const failures = runExperiment(spec).map(({ values }) => values['failures']);
  expect(failures).toEqual(['{"ETIMEDOUT":1}', '{"ETIMEDOUT":1}']);
});
