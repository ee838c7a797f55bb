import { defineConfig } from 'vitest/config'

// The suite belongs to the check that runs it, not to the repository's own tests.
export default defineConfig({ test: { include: ['programs/*.test.mjs'] } })
