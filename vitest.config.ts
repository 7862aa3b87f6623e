import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    typecheck: { enabled: true, checker: 'tsc', include: ['test/types/**/*.test-d.ts'], tsconfig: 'tsconfig.json' },
    globalSetup: ['test/support/stores-not-tried.ts', 'test/support/pglite-image.ts'],
    // Much of the time is spent waiting for databases: as many files at once as there are cores.
    maxWorkers: '100%',
    // Test files share nothing that could disturb each other, and loading everything anew for each took a third of the time.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Dates must come out right wherever a process runs.
    env: { TZ: 'America/St_Johns' },
  },
})
