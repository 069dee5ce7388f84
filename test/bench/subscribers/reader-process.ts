import { carryOut, type Order } from './readers.ts'

/** Carries out what its parent orders, and answers each order once. */
process.on('message', async (order: Order) => {
  process.send?.({ report: await carryOut(order) })
})
process.once('disconnect', () => process.exit())
