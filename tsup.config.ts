import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/kysely/index.ts', 'src/memory/index.ts', 'src/testing/index.ts'],
  format: ['esm'],
  target: 'node22',
  platform: 'node',
  // TypeScript 7 has no compiler API for tsup to call: `tsc -p tsconfig.build.json` emits the declarations.
  dts: false,
  sourcemap: true,
  clean: true,
  // Shared chunks keep one UserCoreError class across the entry points.
  splitting: true,
  removeNodeProtocol: false,
})
