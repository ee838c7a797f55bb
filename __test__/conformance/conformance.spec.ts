import { it } from 'vitest'
import { openReference } from '../helpers/reference-store.js'
import { cases } from './cases.js'
import { tests, testsOf } from './suite.js'

for (const { name, run } of [...testsOf('the reference', openReference, 'namespaces', cases), ...tests]) it(name, run)
