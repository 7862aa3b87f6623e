import { defineConfig } from 'vitest/config'

/** `npm run test:long`: what takes minutes and needs no answer at every change. */
export default defineConfig({
  test: { include: ['test/long/**/*.long.ts'], testTimeout: 1_800_000, env: { TZ: 'America/St_Johns' } },
})
