import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** Who vouches: a name and the key that signs with it. */
export type Authority = { readonly name: string; readonly privateKey: KeyObject; readonly certificate: string };

/** A certificate authority of our own, as RDS has one for each region. */
export function createAuthority(name: string): Authority {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // Basic constraints: may sign others.
  const extension = sequence(oid("551d13"), boolean(true), octets(sequence(boolean(true))));
  const certificate = createPem({ subject: name, publicKey, issuer: { name, privateKey }, extension });
  return { name, privateKey, certificate };
}

/** A server's certificate for one host name, with its key; valid from yesterday for two days unless told otherwise. */
export function createServerIdentity(issuer: Authority, host: string, valid?: Validity): { certificate: string; privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // Subject alternative names: a DNS name.
  const extension = sequence(oid("551d11"), octets(sequence(der(0x82, Buffer.from(host)))));
  const certificate = createPem({ subject: "server", publicKey, issuer, extension, ...(valid === undefined ? {} : { valid }) });
  return { certificate, privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

type Validity = { readonly from: Date; readonly to: Date };

const DAY = 86_400_000;
const aroundNow = (): Validity => ({ from: new Date(Date.now() - DAY), to: new Date(Date.now() + DAY) });

type Wish = {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: { readonly name: string; readonly privateKey: KeyObject };
  readonly extension: Buffer;
  readonly valid?: Validity;
};

/** X.509 version 3 (RFC 5280), signed by ECDSA with SHA-256. */
function createPem({ subject, publicKey, issuer, extension, valid = aroundNow() }: Wish): string {
  const algorithm = sequence(oid("2a8648ce3d040302"));
  const contents = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    // Positive, so the first bit is clear.
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    distinguishedName(issuer.name),
    sequence(utcTime(valid.from), utcTime(valid.to)),
    distinguishedName(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(extension)),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", contents, issuer.privateKey)]));
  const text = sequence(contents, algorithm, signature).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${text.match(/.{1,64}/g)?.join("\n") ?? ""}\n-----END CERTIFICATE-----\n`;
}

function distinguishedName(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(commonName)))));
}

function utcTime(time: Date): Buffer {
  return der(0x17, Buffer.from(`${time.toISOString().slice(2, 19).replaceAll(/[-:T]/g, "")}Z`));
}

const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const boolean = (value: boolean) => der(0x01, Buffer.from([value ? 0xff : 0]));
const octets = (contents: Buffer) => der(0x04, contents);
const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts));

/** Tag, length, contents; none here is longer than 65,535 bytes. */
function der(tag: number, contents: Buffer): Buffer {
  const { length } = contents;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), contents]);
}
