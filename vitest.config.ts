import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['__test__/**/*.spec.ts'],
    pool: 'forks', // a native crash ends one file, not the run
    execArgv: ['--expose-gc'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    allowOnly: false,
    // The built package and its addon are loaded by Node itself, once a process, as users load them.
    server: { deps: { external: [/\/dist\//, /\/lib\/native\//] } },
  },
})
