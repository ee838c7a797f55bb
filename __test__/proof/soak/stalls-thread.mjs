import { parentPort, workerData } from 'node:worker_threads'
import { watchFrom } from './stalls.mjs'

watchFrom(workerData, (stall) => parentPort.postMessage(stall))
