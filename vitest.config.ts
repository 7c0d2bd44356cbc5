import { defineConfig } from 'vitest/config';

export default defineConfig({
  // React's production build, asked for below, has no runtime for the development form of JSX.
  oxc: { jsx: { runtime: 'automatic', development: false } },
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    pool: 'forks',
    maxWorkers: 2,
    // Nothing is timed by a test: this only ends one that hangs, on a busy machine too.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // React's development build, which Ink's tests would otherwise load, is three times slower.
    env: { NODE_ENV: 'production' },
  },
});
