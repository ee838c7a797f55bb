/** vitest's interface for the conformance suite, from the globals of another runner. */

export const { describe, it, beforeEach, afterEach, beforeAll, afterAll } = globalThis

/** vitest's takes a message, too. */
export const expect = Object.assign((actual, _message) => globalThis.expect(actual), globalThis.expect)
