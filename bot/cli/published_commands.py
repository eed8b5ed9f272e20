"""The commands of docs/BENCHMARKS.md, as operators type them, by what they do.

Written down before any tool was asked.
"""

CHANGING = """
aws ecs update-service --cluster prod --service api --desired-count 0
aws rds reboot-db-instance --db-instance-identifier prod
aws s3 rm s3://backups --recursive
aws ec2 terminate-instances --instance-ids i-0abc
aws secretsmanager get-secret-value --secret-id prod/db
aws lambda update-function-code --function-name pay --zip-file fileb://x.zip
aws logs delete-log-group --log-group-name /ecs/api
aws iam attach-role-policy --role-name x --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
kubectl delete pod api-0
kubectl scale deployment api --replicas=0
kubectl rollout undo deployment/api
kubectl exec -it api-0 -- sh
kubectl drain node-1
kubectl get secret db -o yaml
psql -c "DELETE FROM bookings"
psql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
psql -c "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone"
psql -c "SELECT setval('s', 1)"
psql -c "COPY t TO PROGRAM 'sh'"
redis-cli FLUSHALL
redis-cli CONFIG SET maxmemory 1gb
redis-cli DEBUG SLEEP 30
curl -X DELETE https://api.example/v1/users/1
curl -d state=off https://api.example/flags
gh workflow run deploy.yml
git push --force origin main
git revert HEAD
docker restart api
systemctl stop nginx
rm -rf /var/log/app
""".strip().splitlines()
READING = """
aws ecs describe-services --cluster prod --services api
aws rds describe-db-instances
aws logs tail /ecs/api --since 10m
aws cloudwatch describe-alarms --state-value ALARM
aws elbv2 describe-target-health --target-group-arn arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/x/1
kubectl get pods
kubectl describe pod api-0
kubectl logs api-0 --tail=100
kubectl rollout status deployment/api
psql -c "SELECT count(*) FROM pg_stat_activity"
psql -c "SELECT pid, query FROM pg_stat_activity WHERE state = 'active'"
redis-cli INFO memory
redis-cli SLOWLOG GET 10
curl -s https://api.example/health
git log --oneline -10
gh run list
aws s3 ls s3://backups
aws sts get-caller-identity
kubectl top pods
git diff HEAD~1
""".strip().splitlines()
