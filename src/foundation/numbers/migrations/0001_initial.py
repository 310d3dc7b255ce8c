from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40, verbose_name='类别')),
                ('prefix', models.CharField(max_length=60, verbose_name='前缀')),
                ('last', models.PositiveBigIntegerField(verbose_name='最后序号')),
            ],
            options={
                'verbose_name': '编号计数',
                'verbose_name_plural': '编号计数',
                'constraints': [models.UniqueConstraint(fields=('kind', 'prefix'), name='one_counter_a_prefix')],
            },
        ),
    ]
