import { defineConfig } from 'tsup'

export default defineConfig({
  // Every module becomes a file of its own, beside its declarations: bundlers leave out what a host does not import, and
  // stack traces name the place. One file per entry point kept zod in whoever imported one pure function.
  entry: ['src/**/*.ts', '!src/**/*.d.ts'],
  format: ['esm'],
  target: 'node22',
  platform: 'node',
  // TypeScript 7 has no compiler API for tsup to call: `tsc -p tsconfig.build.json` emits the declarations.
  dts: false,
  clean: true,
  splitting: false,
  removeNodeProtocol: false,
  esbuildPlugins: [
    {
      name: 'module-by-module',
      setup({ onResolve }) {
        onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, kind }) =>
          kind === 'entry-point' ? undefined : { path: path.replace(/\.ts$/, '.js'), external: true },
        )
      },
    },
  ],
})
