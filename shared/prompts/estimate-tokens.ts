/**
 * What tokenizers make of text costs up to one token a byte outside prose: a CSV of numbers has 1.9 bytes a token, base64 1.5. Words are
 * cheap, everything else is counted almost by the character, so that the guess stays above the true number.
 */
const PIECE =
  /(?<opaque>[A-Za-z0-9+/=_-]{40,})|(?<joined> (?=[A-Za-z]))|(?<blank>\s+)|(?<digits>\d+)|(?<word>[A-Z]?[a-z]+)|(?<capitals>[A-Z]+)|(?<foreign>[^\x00-\x7f]+)|[\x00-\x7f]/g;

/**
 * An upper guess of the tokens of these texts, for holds and limits; bills come from the provider's own count. Never below a third of the
 * bytes. A tokenizer would be exact and costs seconds of start and megabytes of bundle.
 */
export function estimateTokens(...texts: readonly string[]): { tokens: number; estimated: true } {
  let tokens = 0;
  for (const text of texts) tokens += Math.max(Math.ceil(Buffer.byteLength(text) / 3), countPieces(text));
  return { tokens, estimated: true };
}

function countPieces(text: string): number {
  let tokens = 0;
  for (const piece of text.matchAll(PIECE)) tokens += guessPiece(piece[0], piece.groups ?? {});
  return tokens;
}

function guessPiece(piece: string, kind: Partial<Record<string, string>>): number {
  if (kind["word"] !== undefined || kind["digits"] !== undefined) return Math.ceil(piece.length / 3);
  // A single space joins the word that follows it.
  if (kind["joined"] !== undefined) return 0;
  if (kind["blank"] !== undefined) return Math.ceil(piece.length / 2);
  if (kind["capitals"] !== undefined) return Math.ceil(piece.length / 1.5);
  if (kind["opaque"] !== undefined) return Math.ceil(piece.length * 0.75);
  if (kind["foreign"] !== undefined) return Buffer.byteLength(piece);
  return 1;
}
