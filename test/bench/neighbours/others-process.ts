import { carryOut, type OthersOrder } from './others.ts'

/** Carries out its parent's orders, and answers each once. */
process.on('message', async (order: OthersOrder) => {
  process.send?.({ report: await carryOut(order) })
})
process.once('disconnect', () => process.exit())
