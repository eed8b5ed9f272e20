"""The operations that were looked at one by one and only read: the allow-list of what may run by itself.

Left out on purpose are those that read and yet print secrets, data or credentials (`GetSecretValue`, `GetObject`,
`GetPasswordData`, a Lambda function's or a task definition's environment, user data, items and messages), those
that hand out addresses to download from, and those that start or stop something though AWS counts them as reads
(`StopQuery`). `StartQuery` reads logs. A test holds the list against AWS's own access levels.
"""

from collections.abc import Mapping
from types import MappingProxyType

_READS = {
    "ecs": """
        DescribeCapacityProviders DescribeClusters DescribeContainerInstances DescribeServiceDeployments
        DescribeServiceRevisions DescribeServices DescribeTaskSets DescribeTasks GetTaskProtection
        ListAccountSettings ListAttributes ListClusters ListContainerInstances ListServiceDeployments ListServices
        ListServicesByNamespace ListTagsForResource ListTaskDefinitionFamilies ListTaskDefinitions ListTasks
    """,
    "rds": """
        DescribeAccountAttributes DescribeBlueGreenDeployments DescribeCertificates
        DescribeDBClusterAutomatedBackups DescribeDBClusterBacktracks DescribeDBClusterEndpoints
        DescribeDBClusterParameterGroups DescribeDBClusterParameters DescribeDBClusterSnapshotAttributes
        DescribeDBClusterSnapshots DescribeDBClusters DescribeDBEngineVersions DescribeDBInstanceAutomatedBackups
        DescribeDBInstances DescribeDBLogFiles DescribeDBParameterGroups DescribeDBParameters DescribeDBProxies
        DescribeDBProxyEndpoints DescribeDBProxyTargetGroups DescribeDBProxyTargets DescribeDBRecommendations
        DescribeDBSecurityGroups DescribeDBShardGroups DescribeDBSnapshotAttributes DescribeDBSnapshots
        DescribeDBSubnetGroups DescribeEngineDefaultClusterParameters DescribeEngineDefaultParameters
        DescribeEventCategories DescribeEventSubscriptions DescribeEvents DescribeExportTasks
        DescribeGlobalClusters DescribeIntegrations DescribeOptionGroups DescribeOrderableDBInstanceOptions
        DescribePendingMaintenanceActions DescribeReservedDBInstances DescribeSourceRegions
        DescribeValidDBInstanceModifications ListTagsForResource
    """,
    "cloudwatch": """
        DescribeAlarmHistory DescribeAlarms DescribeAlarmsForMetric DescribeAnomalyDetectors DescribeInsightRules
        GetDashboard GetInsightRuleReport GetMetricData GetMetricStatistics GetMetricStream GetMetricWidgetImage
        ListDashboards ListManagedInsightRules ListMetricStreams ListMetrics ListTagsForResource
    """,
    "logs": """
        DescribeDeliveries DescribeDeliveryDestinations DescribeDeliverySources DescribeDestinations
        DescribeExportTasks DescribeFieldIndexes DescribeIndexPolicies DescribeLogGroups DescribeLogStreams
        DescribeMetricFilters DescribeQueries DescribeQueryDefinitions DescribeResourcePolicies
        DescribeSubscriptionFilters FilterLogEvents GetDataProtectionPolicy GetDelivery GetLogAnomalyDetector
        GetLogEvents GetLogGroupFields GetLogRecord GetQueryResults ListAnomalies ListLogAnomalyDetectors
        ListLogGroups ListLogGroupsForQuery ListTagsForResource ListTagsLogGroup StartQuery
    """,
    "ec2": """
        DescribeAccountAttributes DescribeAddresses DescribeAddressesAttribute DescribeAvailabilityZones
        DescribeCapacityReservations DescribeCarrierGateways DescribeCustomerGateways DescribeDhcpOptions
        DescribeEgressOnlyInternetGateways DescribeFastSnapshotRestores DescribeFleets DescribeFleetHistory
        DescribeFleetInstances DescribeFlowLogs DescribeHosts DescribeIamInstanceProfileAssociations
        DescribeImageAttribute DescribeImages DescribeInstanceConnectEndpoints
        DescribeInstanceCreditSpecifications DescribeInstanceEventWindows DescribeInstanceStatus
        DescribeInstanceTopology DescribeInstanceTypeOfferings DescribeInstanceTypes DescribeInstances
        DescribeInternetGateways DescribeKeyPairs DescribeLaunchTemplates DescribeLocalGateways
        DescribeManagedPrefixLists DescribeNatGateways DescribeNetworkAcls DescribeNetworkInsightsAnalyses
        DescribeNetworkInsightsPaths DescribeNetworkInterfaceAttribute DescribeNetworkInterfaces
        DescribePlacementGroups DescribePrefixLists DescribePublicIpv4Pools DescribeRegions
        DescribeReplaceRootVolumeTasks DescribeReservedInstances DescribeRouteTables
        DescribeSecurityGroupReferences DescribeSecurityGroupRules DescribeSecurityGroups
        DescribeSnapshotAttribute DescribeSnapshotTierStatus DescribeSnapshots DescribeSpotPriceHistory
        DescribeStaleSecurityGroups DescribeSubnets DescribeTags DescribeTransitGatewayAttachments
        DescribeTransitGatewayPeeringAttachments DescribeTransitGatewayRouteTables
        DescribeTransitGatewayVpcAttachments DescribeTransitGateways DescribeVolumeAttribute
        DescribeVolumeStatus DescribeVolumes DescribeVolumesModifications DescribeVpcAttribute
        DescribeVpcEndpointConnections DescribeVpcEndpointServices DescribeVpcEndpoints
        DescribeVpcPeeringConnections DescribeVpcs DescribeVpnGateways GetEbsEncryptionByDefault
        GetManagedPrefixListEntries GetSerialConsoleAccessStatus GetTransitGatewayRouteTableAssociations
        SearchTransitGatewayRoutes
    """,
    "lambda": """
        GetAccountSettings GetAlias GetEventSourceMapping GetFunctionConcurrency GetFunctionEventInvokeConfig
        GetFunctionRecursionConfig GetFunctionUrlConfig GetPolicy GetProvisionedConcurrencyConfig
        GetRuntimeManagementConfig ListAliases ListEventSourceMappings ListFunctionEventInvokeConfigs
        ListFunctionUrlConfigs ListLayerVersions ListLayers ListProvisionedConcurrencyConfigs ListTags
    """,
    "s3": """
        GetBucketAccelerateConfiguration GetBucketAcl GetBucketCors GetBucketEncryption
        GetBucketLifecycleConfiguration GetBucketLocation GetBucketLogging GetBucketNotificationConfiguration
        GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus GetBucketReplication
        GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetObjectAcl
        GetObjectAttributes GetObjectLegalHold GetObjectLockConfiguration GetObjectRetention GetObjectTagging
        GetPublicAccessBlock HeadBucket HeadObject ListBuckets ListMultipartUploads ListObjectVersions
        ListObjects ListObjectsV2 ListParts
    """,
    "sqs": """
        GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListMessageMoveTasks ListQueueTags ListQueues
    """,
    "dynamodb": """
        DescribeBackup DescribeContinuousBackups DescribeContributorInsights DescribeEndpoints DescribeExport
        DescribeGlobalTable DescribeGlobalTableSettings DescribeImport DescribeKinesisStreamingDestination
        DescribeLimits DescribeTable DescribeTableReplicaAutoScaling DescribeTimeToLive GetResourcePolicy
        ListBackups ListContributorInsights ListExports ListGlobalTables ListImports ListTables
        ListTagsOfResource
    """,
    "elasticache": """
        DescribeCacheClusters DescribeCacheEngineVersions DescribeCacheParameterGroups DescribeCacheParameters
        DescribeCacheSecurityGroups DescribeCacheSubnetGroups DescribeEngineDefaultParameters DescribeEvents
        DescribeGlobalReplicationGroups DescribeReplicationGroups DescribeReservedCacheNodes
        DescribeServerlessCacheSnapshots DescribeServerlessCaches DescribeServiceUpdates DescribeSnapshots
        DescribeUpdateActions DescribeUserGroups DescribeUsers ListAllowedNodeTypeModifications
        ListTagsForResource
    """,
    "elbv2": """
        DescribeAccountLimits DescribeCapacityReservation DescribeListenerAttributes
        DescribeListenerCertificates DescribeListeners DescribeLoadBalancerAttributes DescribeLoadBalancers
        DescribeRules DescribeSSLPolicies DescribeTags DescribeTargetGroupAttributes DescribeTargetGroups
        DescribeTargetHealth DescribeTrustStoreAssociations DescribeTrustStoreRevocations DescribeTrustStores
        GetResourcePolicy
    """,
    "ssm": """
        DescribeAssociation DescribeAssociationExecutions DescribeAutomationExecutions
        DescribeAutomationStepExecutions DescribeAvailablePatches DescribeDocument DescribeDocumentPermission
        DescribeEffectiveInstanceAssociations DescribeInstanceAssociationsStatus DescribeInstanceInformation
        DescribeInstancePatchStates DescribeInstancePatches DescribeInstanceProperties
        DescribeMaintenanceWindowExecutions DescribeMaintenanceWindowSchedule DescribeMaintenanceWindows
        DescribeMaintenanceWindowsForTarget DescribeOpsItems DescribeParameters DescribePatchBaselines
        DescribePatchGroupState DescribePatchGroups DescribeSessions GetCalendarState GetConnectionStatus
        GetDefaultPatchBaseline GetMaintenanceWindow GetOpsItem GetOpsSummary GetParameter GetParameterHistory
        GetParameters GetParametersByPath GetPatchBaseline GetServiceSetting ListAssociations
        ListComplianceItems ListComplianceSummaries ListDocumentVersions ListDocuments ListInventoryEntries
        ListNodes ListNodesSummary ListOpsItemEvents ListResourceComplianceSummaries ListTagsForResource
    """,
    "secretsmanager": "DescribeSecret GetResourcePolicy ListSecretVersionIds ListSecrets",
    "iam": """
        GetAccessKeyLastUsed GetAccountPasswordPolicy GetAccountSummary GetGroup GetGroupPolicy
        GetInstanceProfile GetLoginProfile GetMFADevice GetPolicy GetPolicyVersion GetRole GetRolePolicy
        GetServerCertificate GetUser GetUserPolicy ListAccessKeys ListAccountAliases ListAttachedGroupPolicies
        ListAttachedRolePolicies ListAttachedUserPolicies ListEntitiesForPolicy ListGroupPolicies ListGroups
        ListGroupsForUser ListInstanceProfileTags ListInstanceProfiles ListInstanceProfilesForRole
        ListMFADevices ListOpenIDConnectProviders ListPolicies ListPoliciesGrantingServiceAccess ListPolicyTags
        ListPolicyVersions ListRolePolicies ListRoleTags ListRoles ListSAMLProviders ListServerCertificates
        ListUserPolicies ListUserTags ListUsers ListVirtualMFADevices SimulateCustomPolicy
        SimulatePrincipalPolicy
    """,
}
READS: Mapping[str, frozenset[str]] = MappingProxyType(
    {name: frozenset(text.split()) for name, text in _READS.items()}
)
"""By botocore's name of the service."""

_SECRETS = """
    ecr.GetAuthorizationToken ecr-public.GetAuthorizationToken secretsmanager.GetSecretValue
    secretsmanager.BatchGetSecretValue secretsmanager.GetRandomPassword s3.GetObject s3.GetObjectTorrent
    s3.SelectObjectContent s3.GetObjectAnnotation ec2.GetPasswordData ec2.GetLaunchTemplateData
    ec2.GetInstanceUefiData ec2.GetVpnConnectionDeviceSampleConfiguration
    ec2.ExportClientVpnClientConfiguration lambda.GetFunction ssm.GetAccessToken sts.GetSessionToken
    sts.GetFederationToken sts.AssumeRole sts.AssumeRoleWithSAML sts.AssumeRoleWithWebIdentity
    sso.GetRoleCredentials cognito-identity.GetCredentialsForIdentity redshift.GetClusterCredentials
    redshift.GetClusterCredentialsWithIAM redshift-serverless.GetCredentials codeartifact.GetAuthorizationToken
    kms.Decrypt kms.GenerateDataKey kms.GenerateDataKeyPair lightsail.GetInstanceAccessDetails
    lightsail.GetRelationalDatabaseMasterUserPassword lightsail.DownloadDefaultKeyPair
    acm.ExportCertificate iam.GetCredentialReport gamelift.GetInstanceAccess gamelift.GetComputeAuthToken
"""
SECRETS = frozenset(_SECRETS.split())
"""Reads that print secrets or data: a person makes them, and sees to where the answer goes."""

SECRET_COMMANDS = frozenset(
    {
        ("ecr", "get-login-password"),
        ("ecr", "get-login"),
        ("ecr-public", "get-login-password"),
        ("eks", "get-token"),
        ("rds", "generate-db-auth-token"),
        ("dsql", "generate-db-connect-auth-token"),
        ("dsql", "generate-db-connect-admin-auth-token"),
        ("codeartifact", "login"),
        ("configure", "export-credentials"),
    }
)
"""Commands of the AWS CLI's own that print a password or a token."""

DECRYPTED = frozenset({"GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory"})
"""Operations of ssm that print secrets when they are told WithDecryption."""
