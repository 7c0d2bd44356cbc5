// Counts the snapshots that are made: each is one `produce` of immer, which is called as it is.
// A test file says `vi.mock(import('immer'), counted)`, with both taken from `vi.hoisted`.

export const commits = { count: 0 };

type Immer = typeof import('immer');

export async function counted(load: () => Promise<Immer>): Promise<Immer> {
  const real = await load();
  const produce = ((...args: Parameters<Immer['produce']>) => {
    commits.count += 1;
    return real.produce(...args);
  }) as Immer['produce'];
  return { ...real, produce };
}
