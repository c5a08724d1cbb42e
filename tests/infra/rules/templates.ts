import { isRecord } from "../template/resolve.ts";
import { listOf, listResources } from "../template/resources.ts";
import { type Rule, saying } from "./rule.ts";

/** CloudFormation takes 500 resources in a stack. */
const MOST_RESOURCES = 400;

/** Kinds whose tags are no list of keys and values, or which CloudFormation does not let anybody tag. */
const tagged = [
  "AWS::Lambda::Function",
  "AWS::IAM::Role",
  "AWS::SQS::Queue",
  "AWS::Logs::LogGroup",
  "AWS::DynamoDB::Table",
  "AWS::S3::Bucket",
  "AWS::KMS::Key",
  "AWS::SecretsManager::Secret",
  "AWS::RDS::DBCluster",
  "AWS::RDS::DBInstance",
  "AWS::ElastiCache::ServerlessCache",
  "AWS::EC2::VPC",
  "AWS::EC2::Subnet",
  "AWS::EC2::SecurityGroup",
  "AWS::ApiGateway::RestApi",
  "AWS::ApiGateway::Stage",
  "AWS::StepFunctions::StateMachine",
  "AWS::Events::Rule",
  "AWS::CloudFront::Distribution",
  "AWS::WAFv2::WebACL",
  "AWS::SNS::Topic",
  "AWS::CloudWatch::Alarm",
];

/** CDK's own function for triggers, and its role, are made without a way to tag them. */
const isOfCdk = (id: string) => id.startsWith("AWSCDKTrigger");

/** Templates that are made without an account, a network or Docker, that CloudFormation takes, and whose bill can be told apart. */
export const templates: Rule = ({ assembly }) => [
  ...saying(
    [assembly.missing.length > 0, `${assembly.stage} needs ${assembly.missing.length} look-ups in an account.`],
    [assembly.images.length > 0, `${assembly.stage} needs Docker for ${assembly.images.join(", ")}.`],
  ),
  ...assembly.stacks.flatMap(({ name, template }) => {
    const count = Object.keys(template.Resources).length;
    return saying([count >= MOST_RESOURCES, `${name} has ${count} resources; part it before CloudFormation refuses 500.`]);
  }),
  ...listResources(assembly, ...tagged)
    .filter(({ id }) => !isOfCdk(id))
    .flatMap(({ path, properties }) => {
      const tags = new Map(listOf(properties["Tags"]).flatMap((tag) => (isRecord(tag) ? [[tag["Key"], tag["Value"]] as const] : [])));
      return saying([
        tags.get("project") !== "cognition" || tags.get("stage") !== assembly.stage,
        `${path} does not say whose it is: tags project and stage.`,
      ]);
    }),
];
