/**
 * A value in place of Prisma's: Pothos types the rows of its objects as whole rows of Prisma, and ours have only what was
 * selected.
 */
export const asRow = (value: unknown): never => value as never
