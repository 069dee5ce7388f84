import { carryOut, type OthersOrder } from './others.ts'

/** Carries out what its parent orders, and answers each order once. */
process.on('message', async (order: OthersOrder) => {
  process.send?.({ report: await carryOut(order) })
})
process.once('disconnect', () => process.exit())
