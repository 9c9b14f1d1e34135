/** 1536 as "1.5 KiB". */
export function bytesInWords(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}

/** "1 record", "2 records". */
export const counted = (count: bigint | number, noun: string): string =>
  `${count} ${noun}${Number(count) === 1 ? "" : "s"}`;

const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
