import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    typecheck: { enabled: true, checker: 'tsc', include: ['test/types/**/*.test-d.ts'], tsconfig: 'tsconfig.json' },
    testTimeout: 30_000,
    // Dates must come out right wherever a process runs.
    env: { TZ: 'America/St_Johns' },
  },
})
