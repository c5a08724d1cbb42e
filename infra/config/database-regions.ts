/**
 * Where we know the certificates that RDS signs its servers with. They lie beside the functions, which speak to no database that does not
 * prove itself; a younger region is added by a younger list of certificates.
 */
export const databaseRegions: readonly string[] = `
  us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1
  eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3
  ap-east-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4
  af-south-1 me-central-1 me-south-1`
  .trim()
  .split(/\s+/);
