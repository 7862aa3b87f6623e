import { defineConfig } from 'vitest/config'

/** `npm run test:package`: installs the package as a host would, which asks the registry and takes a minute or two. */
export default defineConfig({
  test: { include: ['test/install/**/*.install.ts'], testTimeout: 300_000, hookTimeout: 300_000 },
})
